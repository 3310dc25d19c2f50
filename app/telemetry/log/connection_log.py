"""Log of the connections that are refused or cut, by reason."""

from typing import Literal

import structlog

from app.telemetry.log.line_limit import LineLimit

# Why a connection was refused or cut. A connection that is closed after a complete response, for
# example because it was idle, is not among them.
CloseReason = Literal[
    "body-timeout",
    "client-disconnected",
    "header-timeout",
    "header-too-large",
    "malformed-request",
    "no-request",
    "pipeline-limit",
    "shutdown",
]

logger = structlog.get_logger("digitserve")


class ConnectionLog:
    """Log of refused and cut connections, with a limit on the lines of each reason."""

    def __init__(self) -> None:
        self._limit = LineLimit()

    def write(self, reason: CloseReason) -> None:
        """Write the line of a connection, if the limit admits it."""
        suppressed = self._limit.admit(reason)
        if suppressed is not None:
            counts = {"suppressed": suppressed} if suppressed else {}
            logger.info("connection closed", reason=reason, **counts)
