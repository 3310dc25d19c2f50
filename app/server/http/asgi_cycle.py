"""Request cycle of requests for the ASGI application: uvicorn's, with Expect as in RFC 9110."""

import asyncio
from typing import Any, cast
from urllib.parse import unquote
from weakref import ref

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.errors import AppError
from app.server.http.lingering import LingeringTransport
from app.server.http.request_head import RequestHead


class AsgiCycle(RequestResponseCycle):
    """uvicorn's request cycle; it asks for a body with 100 only if the client waits for that.

    A client whose request is refused without 100 may send the body or the next request: the
    connection is closed, so that one is not taken for the other.
    Source: RFC 9110, "HTTP Semantics", section 10.1.1.
    """

    async def receive(self) -> Any:
        """Return the next ASGI message."""
        self._note_body()
        return await super().receive()

    async def send(self, message: Any) -> None:
        """Send an ASGI message."""
        self._note_body()
        if self.waiting_for_100_continue:
            self.keep_alive = False
            self.transport.abandon_body()  # type: ignore[attr-defined]
        await super().send(message)

    def end_body(self) -> None:
        """Note that the body is complete."""
        self.more_body = False
        self.message_event.set()

    def time_out(self) -> None:
        """Note that the body was not received in time; the gateway answers with 408."""
        self.scope["state"]["late"] = True
        self.message_event.set()

    def fail_body(self, error: AppError) -> None:
        """Note that the body is not valid HTTP; the gateway answers with the error."""
        self.keep_alive = False
        self.scope["state"]["body_error"] = error
        self.message_event.set()

    def _note_body(self) -> None:
        if self.body or not self.more_body:
            self.waiting_for_100_continue = False


def begin_asgi_cycle(
    protocol: HttpToolsProtocol,
    head: RequestHead,
    version: str,
    *,
    transport: LingeringTransport,
    keep_alive: bool,
) -> AsgiCycle:
    """Return the cycle of a request whose header is complete."""
    scope = _http_scope(protocol, head, version)
    cycle = AsgiCycle(
        scope=scope,
        transport=cast(asyncio.Transport, transport),
        flow=protocol.flow,
        logger=protocol.logger,
        access_logger=protocol.access_logger,
        access_log=False,
        default_headers=protocol.server_state.default_headers,
        message_event=asyncio.Event(),
        expect_100_continue=head.expects_continue,
        keep_alive=keep_alive,
        on_response=protocol.on_response_complete,
    )
    scope["state"]["cycle"] = ref(cycle)  # the cycle refers to its scope
    return cycle


def _http_scope(protocol: HttpToolsProtocol, head: RequestHead, version: str) -> Any:
    path, _, query = head.target.partition(b"?")
    text = path.decode("ascii")  # the parser accepts no other characters
    return {
        "type": "http",
        "asgi": {"version": protocol.asgi_version, "spec_version": "2.3"},
        "http_version": "1.0" if version == "1.0" else "1.1",
        "server": protocol.server,
        "client": protocol.client,
        "scheme": protocol.scheme,
        "root_path": "",
        "method": head.method.decode("ascii"),
        "path": unquote(text) if "%" in text else text,
        "raw_path": path,
        "query_string": query,
        "headers": head.headers,
        "state": protocol.app_state.copy(),
    }
