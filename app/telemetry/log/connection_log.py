"""Log of the connections that are refused or cut, by reason."""

from typing import Literal

import structlog

from app.errors import (
    AppError,
    HeaderTooLargeError,
    MalformedRequestError,
    NotReadyError,
    OutOfMemoryError,
    SlowRequestError,
    TooBusyError,
)
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
    "out-of-memory",
    "response-timeout",
    "shutdown",
    "too-busy",
]

_REASONS: dict[type[AppError], CloseReason] = {
    HeaderTooLargeError: "header-too-large",
    MalformedRequestError: "malformed-request",
    NotReadyError: "shutdown",
    OutOfMemoryError: "out-of-memory",
    SlowRequestError: "header-timeout",
    TooBusyError: "too-busy",
}

logger = structlog.get_logger("digitserve")


def error_reason(error: AppError) -> CloseReason:
    """Return the reason of a connection that is closed because of an invalid request."""
    return _REASONS.get(type(error), "malformed-request")


class ConnectionLog:
    """Log of refused and cut connections, with a limit on the lines of each reason."""

    def __init__(self) -> None:
        self._limit = LineLimit()

    def write(self, reason: CloseReason) -> None:
        """Write the line of a connection, if the limit admits it."""
        suppressed = self._limit.admit(reason)
        if suppressed is not None:
            more = {"suppressed": suppressed} if suppressed else {}
            logger.info("connection closed", reason=reason, **more)
