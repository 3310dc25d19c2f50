"""Deadline of an upload in the decoder process, in processor time."""

import time
from asyncio import get_running_loop
from collections.abc import Callable
from enum import Enum, auto

# How many times as long an upload may take if other processes use the processors.
WAIT_FACTOR = 2


class Overrun(Enum):
    """Reason why an upload was stopped."""

    PROCESSOR_TIME = auto()
    BUSY_MACHINE = auto()


class Deadline:
    """Deadline of ``seconds`` of processor time, and of WAIT_FACTOR times as many on the clock.

    ``stop`` is called with the reason. A file is refused only for its own work, not because the
    machine is busy.
    """

    def __init__(self, process: int, seconds: float, stop: Callable[[Overrun], None]) -> None:
        self._process, self._seconds, self._stop = process, seconds, stop
        self._call_later = get_running_loop().call_later
        self._began, self._used_before = time.monotonic(), processor_seconds(process)
        self._timer = self._call_later(seconds, self._check)

    def cancel(self) -> None:
        """Cancel the deadline."""
        self._timer.cancel()

    def _check(self) -> None:
        missing = self._seconds - (processor_seconds(self._process) - self._used_before)
        left = WAIT_FACTOR * self._seconds - (time.monotonic() - self._began)
        if missing <= 0:
            self._stop(Overrun.PROCESSOR_TIME)
        elif left <= 0:
            self._stop(Overrun.BUSY_MACHINE)
        else:
            self._timer = self._call_later(max(min(missing, left), 0.001), self._check)


def processor_seconds(process: int) -> float:
    """Return the processor time that a process has used; elsewhere than on Linux, the clock.

    Source: Linux, include/linux/posix-timers.h, MAKE_PROCESS_CPUCLOCK with CPUCLOCK_SCHED.
    """
    try:
        return time.clock_gettime(~process << 3 | 2)
    except (AttributeError, OSError):
        return time.monotonic()
