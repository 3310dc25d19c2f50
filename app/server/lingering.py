"""A transport that is closed only when the request has arrived."""

import asyncio


class LingeringTransport:
    """Writes to a transport, and puts off ``close`` until the request's body has been read.

    A connection that is closed while the client still sends is reset, and the client may lose the
    response. What arrives after the response is discarded.
    Source: RFC 9112, "HTTP/1.1", section 9.6.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._incomplete = False
        self.closing = False
        self.write = transport.write
        self.is_closing = transport.is_closing

    def begin(self) -> None:
        """Expect the body of a request."""
        self._incomplete = True

    def complete(self) -> None:
        """Close the transport now, if it was to be closed."""
        self._incomplete = False
        if self.closing:
            self._transport.close()

    def close(self) -> None:
        """Close the transport, at the end of the body."""
        self.closing = True
        if not self._incomplete:
            self._transport.close()
