"""HTTP server on h11: a second implementation of HTTP/1.1 to compare ours with."""

import asyncio
from urllib.parse import unquote, urlsplit

import h11

from tests.support.pictures import as_bytes

PNG = as_bytes()

# Methods of the paths that the cases use.
METHODS = {
    "/": {b"GET", b"HEAD"},
    "/healthz": {b"GET", b"HEAD"},
    "/v1/models": {b"GET", b"HEAD"},
    "/v1/predictions": {b"POST"},
}


def path_of(target: str, *, default: str) -> str:
    """Return the path of a target, which is a path or a URL."""
    if not target.startswith("/"):
        target = urlsplit(target).path or default
    return unquote(target.partition("?")[0])


def status_of(request: h11.Request, body: bytes) -> int:
    """Return the status that the service gives to a valid request."""
    path = path_of(request.target.decode(), default="*" if request.method == b"OPTIONS" else "/")
    if path not in METHODS:
        return 404
    if request.method not in METHODS[path]:
        return 405
    if path == "/v1/predictions" and body != PNG:
        return 415 if body else 400
    return 200


class H11Server(asyncio.Protocol):
    """Server of one connection: answers as the service does, after each complete request."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin with an empty connection."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError(transport)
        self._transport = transport
        self._connection = h11.Connection(h11.SERVER)
        self._request: h11.Request | None = None
        self._body = b""

    def data_received(self, data: bytes) -> None:
        """Handle received bytes."""
        self._connection.receive_data(data)
        self._handle_events()

    def eof_received(self) -> bool:
        """Handle the end of the input; the connection stays open until all is answered."""
        self._connection.receive_data(b"")
        self._handle_events()
        return not self._transport.is_closing()

    def _handle_events(self) -> None:
        while not self._transport.is_closing():
            try:
                event = self._connection.next_event()
            except h11.RemoteProtocolError as error:
                self._respond(error.error_status_hint)
                self._transport.close()
                return
            if event is h11.NEED_DATA:
                self._ask_for_body()
                return
            if isinstance(event, h11.ConnectionClosed) or event is h11.PAUSED:
                self._transport.close()
                return
            self._handle(event)

    def _ask_for_body(self) -> None:
        if self._connection.they_are_waiting_for_100_continue:
            self._send(h11.InformationalResponse(status_code=100, headers=[]))

    def _handle(self, event: object) -> None:
        if isinstance(event, h11.Request):
            self._request, self._body = event, b""
        elif isinstance(event, h11.Data):
            self._body += event.data
        elif isinstance(event, h11.EndOfMessage) and self._request is not None:
            self._respond(status_of(self._request, self._body))
            if self._connection.our_state is h11.MUST_CLOSE:
                self._transport.close()
            else:
                self._connection.start_next_cycle()

    def _respond(self, status: int) -> None:
        if self._connection.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            length = [("Content-Length", "0")]
            self._send(h11.Response(status_code=status, headers=length))
            self._send(h11.EndOfMessage())

    def _send(self, event: h11.Event) -> None:
        self._transport.write(self._connection.send(event) or b"")
