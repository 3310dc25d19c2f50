"""End of a connection that is refused or cut: the response, and why, counted and logged once."""

import asyncio

from app.api.problems import error_response
from app.api.services import Services
from app.errors import AppError
from app.server.http.fast_cycle import encode
from app.server.http.request_stream import RequestStream
from app.telemetry.families import OTHER
from app.telemetry.log.connection_log import CloseReason, error_reason


class ConnectionEnd:
    """End of one connection; only the first reason counts."""

    def __init__(
        self, services: Services, transport: asyncio.Transport, default_headers: bytes
    ) -> None:
        self._telemetry, self._readiness = services.telemetry, services.readiness
        self._transport, self._default_headers = transport, default_headers
        self._is_noted = False

    def note(self, reason: CloseReason) -> None:
        """Count and log that the connection is refused or cut, if it is the first reason."""
        if not self._is_noted:
            self._is_noted = True
            self._telemetry.connection_closed(reason)

    def lose(self) -> None:
        """Note that the connection was closed during a request."""
        self.note("client-disconnected" if self._readiness.ready else "shutdown")

    def cut(self, reason: CloseReason) -> None:
        """Cut the connection without a response."""
        self.note(reason)
        self._transport.abort()

    def refuse(self, error: AppError, stream: RequestStream) -> bytes:
        """Count and log a request without a cycle, whose header is invalid or incomplete.

        Returns the response, which closes the connection; that to HEAD has no body.
        """
        self.note(error_reason(error))
        record = self._telemetry.begin(stream.headers)
        record.refuse(error)
        response = error_response(error, record.request_id)
        record.finish(OTHER, "-", response.status)
        encoded = encode(response, record.request_id, self._default_headers, close=True)
        return encoded[: -len(response.body)] if stream.is_head else encoded
