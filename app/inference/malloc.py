"""Thresholds of glibc's malloc: reuse the memory of arrays, return that of large images.

With the default thresholds, glibc returns the memory of a pass through the network to the system
and allocates it again for the next pass. This took a third of a request's time with 512 clients.
The defaults also adapt: after a few large images, glibc keeps their memory. The decoder process
allocates hundreds of arrays of some megabytes for one page: it keeps all until the page is read,
which takes a fifth less time, and then returns them at once.
"""

import ctypes
from contextlib import suppress

# glibc's numbers for mallopt, from malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3

# In bytes. Each array of a pass is smaller than _MMAP_BYTES, all together than _TRIM_BYTES.
_TRIM_BYTES, _MMAP_BYTES = 8 * 1024 * 1024, 2 * 1024 * 1024
# glibc's own thresholds: it raises them when a larger array is freed, unless they are set.
_MAPPED_BYTES = 128 * 1024
# More than the decoder process may have; the largest threshold that malloc accepts.
_NO_TRIM_BYTES, _LARGEST_MMAP_BYTES = 2**31 - 1, 32 * 1024 * 1024


def trim_memory() -> None:
    """Give free memory back to the system, also between used blocks; takes some milliseconds.

    Source: malloc_trim(3).
    """
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def map_large_arrays() -> None:
    """Set the thresholds of the start: all weights have pages of their own.

    What is freed while models are loaded goes back to the system, in place of 3 MB between weights.
    """
    _set_thresholds(_MAPPED_BYTES, _MAPPED_BYTES)


def configure_malloc() -> None:
    """Set the thresholds of a server; do nothing with another C library."""
    _set_thresholds(_TRIM_BYTES, _MMAP_BYTES)


def keep_memory() -> None:
    """Set thresholds that return nothing to the system before ``trim_memory``."""
    _set_thresholds(_NO_TRIM_BYTES, _LARGEST_MMAP_BYTES)


def _set_thresholds(trim_bytes: int, mmap_bytes: int) -> None:
    """Source: glibc manual, "Malloc Tunable Parameters"."""
    with suppress(OSError, AttributeError, TypeError):  # TypeError: Windows
        library = ctypes.CDLL(None)
        library.mallopt(_TRIM_THRESHOLD, trim_bytes)
        library.mallopt(_MMAP_THRESHOLD, mmap_bytes)
