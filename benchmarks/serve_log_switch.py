"""The service with an access log that SIGUSR1 switches off and on, for ``benchmarks.log_line``."""

import signal
import sys

from app.__main__ import main
from app.telemetry.log.access_log import AccessLog


class Switch:
    """Switch of the access log, on at first."""

    def __init__(self) -> None:
        self.is_on = True

    def turn(self, *_: object) -> None:
        """Switch the log off, or on again."""
        self.is_on = not self.is_on


if __name__ == "__main__":
    switch = Switch()
    AccessLog.wants = lambda *_: switch.is_on  # type: ignore[method-assign]
    signal.signal(signal.SIGUSR1, switch.turn)
    sys.argv = sys.argv[:1]  # the port is in the environment
    main()
