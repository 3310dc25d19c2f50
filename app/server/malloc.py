"""Freed memory: that of a pass is kept for the next, that of a large picture is given back.

Left to itself, the C library gives the memory of a pass back and fetches it again for the next when
many requests wait, which took a third of a request's time with 512 clients; and after a few large
pictures it keeps theirs.
"""

import ctypes
from contextlib import suppress

# glibc's numbers for mallopt, from malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3

# Bytes: the arrays of a pass are smaller than the second, all together smaller than the first.
_TRIM_BYTES, _MMAP_BYTES = 8 * 1024 * 1024, 2 * 1024 * 1024


def configure_malloc() -> None:
    """Tell the C library what to keep of what is freed; one that cannot is left as it is.

    Source: glibc manual, "Malloc Tunable Parameters".
    """
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_TRIM_THRESHOLD, _TRIM_BYTES)
        library.mallopt(_MMAP_THRESHOLD, _MMAP_BYTES)
