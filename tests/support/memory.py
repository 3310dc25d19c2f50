"""Resident memory of a process, from Linux's /proc."""

from pathlib import Path

MEGABYTE = 1024 * 1024


def resident_bytes(process: int) -> int:
    """Return the resident set size of a process."""
    return _read(process, "VmRSS")


def reset_peak(process: int) -> None:
    """Reset the peak of a process to its present size."""
    Path(f"/proc/{process}/clear_refs").write_text("5")


def peak_bytes(process: int) -> int:
    """Return the peak resident set size of a process since the last reset."""
    return _read(process, "VmHWM")


def _read(process: int, name: str) -> int:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))
