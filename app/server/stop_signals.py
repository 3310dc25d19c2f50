"""Signals that stop the service."""

import signal
import time

# Signals that arrive together are one request to stop: `timeout` sends two, to the process and to
# its process group.
_SAME_SECONDS = 0.1


def stop_signals() -> set[signal.Signals]:
    """Return the signals that stop the service: SIGTERM, SIGINT, and SIGHUP.

    SIGHUP stops it if its terminal was closed, else it reloads the models. A program that is
    started with nohup ignores it.
    """
    signals = {signal.SIGTERM, signal.SIGINT}
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signals.add(signal.SIGHUP)
    return signals


class StopRequests:
    """Stop signals that a process has received.

    The first SIGTERM or SIGHUP begins the drain period; SIGINT (Ctrl-C) or a second signal ends it.
    """

    def __init__(self) -> None:
        self._first: float | None = None

    def skips_drain(self, signal_number: int) -> bool:
        """Note a signal, and return whether it skips the drain period."""
        now = time.monotonic()
        self._first = now if self._first is None else self._first
        return signal_number == signal.SIGINT or now - self._first > _SAME_SECONDS
