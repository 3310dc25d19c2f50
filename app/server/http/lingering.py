"""Lingering close: a connection stays open until the request has been received."""

import asyncio

from app.server.http.connection_timer import ConnectionTimer


class LingeringTransport:
    """Transport with lingering close: delays ``close`` until the body has been received.

    If the server closes a connection while the client still sends, TCP resets it and the client may
    lose the response. Bytes that arrive after the response are discarded. The timer limits how long
    a close takes.
    Source: RFC 9112, "HTTP/1.1", section 9.6.
    """

    def __init__(self, transport: asyncio.Transport, timer: ConnectionTimer) -> None:
        self._transport = transport
        self._timer = timer
        self._incomplete = False
        self._abandoned = False
        self.closing = False
        self.half_closed = False
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        """Write if the connection is open; uvicorn tells only the last request of its end."""
        if not self.is_closing() and not self.half_closed:
            self._transport.write(data)

    def begin(self) -> None:
        """Note that a request's body is incomplete."""
        self._incomplete = True

    def complete(self) -> None:
        """Note that the body is complete, and do a delayed close."""
        self._incomplete = False
        if self.closing:
            self._transport.close()

    def abandon_body(self) -> None:
        """Note that the end of the body cannot be known: ``close`` does not wait for it."""
        self._abandoned = True

    def close(self) -> None:
        """Close the transport now, or at the end of an incomplete body."""
        self.closing = True
        if self._abandoned:
            self.half_close()
        elif not self._incomplete:
            self._transport.close()
        self._timer.start()

    def half_close(self) -> None:
        """Close only the sending side; the client then closes the other, or a timer does."""
        self.closing = self.half_closed = True
        if not self.is_closing():
            self._transport.write_eof()
        self._timer.start_linger()
