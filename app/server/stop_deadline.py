"""Deadline of a shutdown: the process ends in time, whatever its event loop and its threads do."""

import os
import signal
import threading
import time
from contextlib import suppress

import structlog

from app.server.process_end import end_at_once
from app.settings import Settings
from app.telemetry.tracing import check_tracing

logger = structlog.get_logger("digitserve")

# What the end takes beside the drain and the grace period: last responses and the log; with traces
# on, sending the spans that are left.
_END_SECONDS, _EXPORT_SECONDS = 1.0, 5.0

# A thread ends the process before the system does, to say so in the log.
_LOG_SECONDS = 0.2


def end_seconds(settings: Settings) -> float:
    """Return the longest time from the end of the drain period to the end of the process."""
    export = _EXPORT_SECONDS if check_tracing() else 0.0
    return settings.grace_seconds + _END_SECONDS + export


class StopDeadline:
    """Deadline at which the system and a thread end the process.

    SIGALRM, which no handler catches, ends it even if no Python code runs any more.
    """

    def __init__(self) -> None:
        self._end: float | None = None
        self._thread: threading.Timer | None = None

    def bring_forward(self, seconds: float) -> None:
        """Set the deadline, or an earlier one; a signal handler can call it."""
        end = time.monotonic() + seconds
        self._end = min(end, end if self._end is None else self._end)
        if hasattr(signal, "setitimer"):  # not on Windows
            signal.setitimer(signal.ITIMER_REAL, max(self._end - time.monotonic(), 1e-6))

    def start_thread(self) -> None:
        """Start the thread that ends the process shortly before the system does, and says so."""
        if self._thread:
            self._thread.cancel()
        if self._end is not None:
            seconds = self._end - _LOG_SECONDS - time.monotonic()
            self._thread = threading.Timer(max(0.0, seconds), _end_late)
            self._thread.daemon = True
            with suppress(RuntimeError):  # the system has no thread left: then without the line
                self._thread.start()

    def cancel(self) -> None:
        """Cancel the deadline: the event loop has ended."""
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        if self._thread:
            self._thread.cancel()


def _end_late() -> None:
    logger.error("the event loop has not ended in time, ending without it", process=os.getpid())
    end_at_once(1)
