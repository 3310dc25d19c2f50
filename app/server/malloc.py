"""Thresholds of glibc's malloc: reuse the memory of small arrays, return that of large images.

With the default thresholds, glibc returns the memory of a pass through the network to the system
and allocates it again for the next pass. This took a third of a request's time with 512 clients.
The defaults also adapt: after a few large images, glibc keeps their memory.
"""

import ctypes
from contextlib import suppress

# glibc's numbers for mallopt, from malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3

# In bytes. Each array of a pass is smaller than _MMAP_BYTES, all together than _TRIM_BYTES.
_TRIM_BYTES, _MMAP_BYTES = 8 * 1024 * 1024, 2 * 1024 * 1024


def trim_memory() -> None:
    """Give free memory back to the system, also between used blocks; takes some milliseconds.

    Source: malloc_trim(3).
    """
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def configure_malloc() -> None:
    """Set the thresholds; do nothing with another C library.

    Source: glibc manual, "Malloc Tunable Parameters".
    """
    with suppress(OSError, AttributeError, TypeError):  # TypeError: Windows
        library = ctypes.CDLL(None)
        library.mallopt(_TRIM_THRESHOLD, _TRIM_BYTES)
        library.mallopt(_MMAP_THRESHOLD, _MMAP_BYTES)
