"""Controlling terminal of the service: SIGHUP stops it only if its terminal was closed."""

import os
import signal


class Terminal:
    """Controlling terminal of the process when it started, if it had one."""

    def __init__(self) -> None:
        self._existed = _can_open()

    def is_closed_by(self, signal_number: int) -> bool:
        """Return whether a signal is SIGHUP because the terminal was closed; it is quick."""
        return is_hangup(signal_number) and self._existed and not _can_open()


def is_hangup(signal_number: int) -> bool:
    """Return whether a signal is SIGHUP, which Windows does not have."""
    return signal_number == getattr(signal, "SIGHUP", None)


def _can_open() -> bool:
    """Return whether the process has a controlling terminal.

    Source: tty(4); the system takes it away when the terminal is closed.
    """
    try:
        descriptor = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return False
    os.close(descriptor)
    return True
