"""Memory limit for a part of the work: a lower soft limit of the address space (RLIMIT_AS)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_STATISTICS = Path("/proc/self/statm")


@contextmanager
def memory_limit(max_bytes: int) -> Iterator[None]:
    """Limit the address space to its size now and ``max_bytes`` more, if no lower limit holds.

    Without ``/proc``, as on macOS and Windows, there is none.
    """
    if not _STATISTICS.exists():
        yield
        return
    import resource  # not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    used = int(_STATISTICS.read_text().split()[0]) * resource.getpagesize()
    unlimited = resource.RLIM_INFINITY
    lower = min((one for one in (soft, hard) if one != unlimited), default=used + max_bytes)
    resource.setrlimit(resource.RLIMIT_AS, (min(lower, used + max_bytes), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
