"""Processes of a server: its children, and whether they run."""

import time
from collections.abc import Callable
from pathlib import Path

from tests.support.servers import Server


def children(server: Server) -> set[int]:
    """Return the process ids of a server's children: its workers, or its decoder process."""
    return children_of(server.process.pid)


def children_of(process: int) -> set[int]:
    """Return the process ids of the children that any thread of a process has forked."""
    lists = Path(f"/proc/{process}/task").glob("*/children")
    return {int(child) for one in lists for child in one.read_text().split()}


def threads(process: int) -> int:
    """Return the number of threads of a process."""
    return len([*Path(f"/proc/{process}/task").iterdir()])


def state(process: int) -> str:
    """Return the state of a process: S for sleeping, T for stopped; empty if it does not run."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    found = status.rpartition(")")[2].split()[0]
    return "" if found in "ZX" else found


def open_files(process: int) -> int:
    """Return the number of open files of a process."""
    return len([*Path(f"/proc/{process}/fd").iterdir()])


def cpu_seconds(process: int) -> float:
    """Return the processor time of a process."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def wait_until(condition: Callable[[], bool], *, seconds: float = 15) -> None:
    """Wait until a condition is true.

    Raises: TimeoutError after some seconds.
    """
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.02)
