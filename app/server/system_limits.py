"""Limits that the system sets for the process, checked before the start.

It imports only the standard library: NumPy cannot even be imported below the limit of memory.
"""

import os
import sys

# Windows has no such limits.
try:
    import resource
except ImportError:
    resource = None  # type: ignore[assignment]

# Smallest limits with which the service starts: 15 file descriptors are in use before the first
# connection and 16 are reserved; 196 MB of address space are in use after some small requests.
MIN_OPEN_FILES = 48
MIN_ADDRESS_SPACE = 256 * 1024 * 1024


class SystemLimitError(Exception):
    """A limit of the system is too low to start."""


def check_system_limits() -> None:
    """Check the limits of open files and of address space (``ulimit -n`` and ``ulimit -v``).

    Raises: SystemLimitError with the expected and the actual value.
    """
    if max_open_files() < MIN_OPEN_FILES:
        raise SystemLimitError(
            f"open files (ulimit -n): expected at least {MIN_OPEN_FILES}, got {max_open_files()}"
        )
    if _max_address_space() < MIN_ADDRESS_SPACE:
        raise SystemLimitError(
            f"address space (ulimit -v): expected at least {MIN_ADDRESS_SPACE // 1024} kB, "
            f"got {_max_address_space() // 1024}"
        )


def max_open_files() -> int:
    """Return the largest number of open files of this process."""
    return sys.maxsize if resource is None else _soft_limit(resource.RLIMIT_NOFILE)


def _max_address_space() -> int:
    """Return the largest address space of this process, in bytes."""
    return sys.maxsize if resource is None else _soft_limit(resource.RLIMIT_AS)


def _soft_limit(kind: int) -> int:
    limit = resource.getrlimit(kind)[0]
    return sys.maxsize if limit == resource.RLIM_INFINITY else limit


def open_standard_streams() -> None:
    """Open the standard streams that are closed, on the null device.

    Else the next socket would get the number of standard error, and a library in C that writes a
    message there would send it to a client.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
