"""Lingering close: a connection stays open until the request has been received."""

import asyncio


class LingeringTransport:
    """Transport with lingering close: delays ``close`` until the body has been received.

    If the server closes a connection while the client still sends, TCP resets it and the client may
    lose the response. Bytes that arrive after the response are discarded.
    Source: RFC 9112, "HTTP/1.1", section 9.6.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._incomplete = False
        self.closing = False
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        """Write if the connection is open; uvicorn tells only the last request of its end."""
        if not self.is_closing():
            self._transport.write(data)

    def begin(self) -> None:
        """Note that a request's body is incomplete."""
        self._incomplete = True

    def complete(self) -> None:
        """Note that the body is complete, and do a delayed close."""
        self._incomplete = False
        if self.closing:
            self._transport.close()

    def close(self) -> None:
        """Close the transport now, or at the end of an incomplete body."""
        self.closing = True
        if not self._incomplete:
            self._transport.close()
