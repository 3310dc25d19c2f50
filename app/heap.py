"""Memory that a pass has freed is kept for the next, instead of given back to the system.

With many requests waiting, the C library would give it back and fetch it again in every pass, which
took a third of a request's time with 512 clients.
"""

import ctypes
from contextlib import suppress

# glibc's numbers for mallopt, from malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3

# Bytes: what a pass allocates stays below both, a large picture does not.
_KEPT, _LARGE = 32 * 1024 * 1024, 4 * 1024 * 1024


def keep_freed_memory() -> None:
    """Ask the C library to keep some of what is freed; one that cannot is left as it is.

    Source: glibc manual, "Malloc Tunable Parameters".
    """
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_TRIM_THRESHOLD, _KEPT)
        library.mallopt(_MMAP_THRESHOLD, _LARGE)
