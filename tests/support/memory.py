"""Resident memory of a server's process, from Linux."""

from pathlib import Path

MEGABYTE = 1024 * 1024


def resident_bytes(process: int) -> int:
    """Return what a process has in memory."""
    return _read(process, "VmRSS")


def reset_peak(process: int) -> None:
    """Measure the peak from here on."""
    Path(f"/proc/{process}/clear_refs").write_text("5")


def peak_bytes(process: int) -> int:
    """Return the most that a process had in memory since the last reset."""
    return _read(process, "VmHWM")


def _read(process: int, name: str) -> int:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))
