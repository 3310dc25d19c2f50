"""Fast path for small prediction requests: a request cycle without ASGI."""

import asyncio
from functools import cache, lru_cache
from http import HTTPStatus
from typing import Any, Protocol

from starlette.requests import ClientDisconnect

from app.api.messages import Headers, HttpRequest, HttpResponse
from app.api.paths import BATCH, PREDICTIONS, infer_path
from app.api.problems import error_response, failure_response
from app.errors import AppError, SlowRequestError, TooBusyError
from app.middleware.gateway import CLIENT_CLOSED_REQUEST, Gateway, shutdown_error
from app.server.http.lingering import LingeringTransport
from app.server.http.request_head import RequestHead
from app.telemetry.request_id import HEADER
from app.telemetry.request_record import log_failure

# Largest body on the fast path; larger ones are streamed to the ASGI application.
MAX_BYTES = 64 * 1024

_PATHS = {path.encode(): path for path in (PREDICTIONS, BATCH)}

# Headers that need more than reading a body of known length: left to the ASGI application.
_UNSUPPORTED_HEADERS = frozenset({b"expect", b"upgrade", b"transfer-encoding"})


def fast_path(head: RequestHead) -> str | None:
    """Return the path of a request that a FastCycle can answer, or None."""
    if head.method != b"POST" or head.length > MAX_BYTES:
        return None
    target = head.target.partition(b"?")[0]
    path = _PATHS.get(target) or infer_path(target)
    if b"content-length" not in head.special or not _UNSUPPORTED_HEADERS.isdisjoint(head.special):
        return None
    return path


class FastCycle(HttpRequest):
    """Request cycle of a small prediction request; it has the attributes of uvicorn's cycle.

    It uses the same gateway and the same handler as the ASGI application, without ASGI messages,
    FastAPI's routing and Starlette's request objects.
    """

    def __init__(
        self,
        protocol: "ConnectionProtocol",
        head: RequestHead,
        path: str,
        *,
        transport: LingeringTransport,
        keep_alive: bool,
    ) -> None:
        self.body = bytearray()
        self.more_body = True
        self.disconnected = False
        self.response_complete = False
        self.keep_alive = keep_alive
        self.path, self.query = path, head.target.partition(b"?")[2]
        self.headers, self.peer = head.headers, protocol.client or ("", 0)
        self._gateway: Gateway = protocol.config.app
        self._default_headers, self._tasks = protocol.default_headers, protocol.tasks
        self._transport = transport
        self.on_response = protocol.on_response_complete
        self._length, self._held = head.length, 0
        self.record = self._gateway.begin(path, head.headers)

    def check(self) -> None:
        """Refuse the request early if the gateway does, by its path and headers."""
        try:
            error = self._gateway.refusal(self.path, self.headers, self._length)
        except Exception as failure:
            log_failure(self.record, failure, "POST", self.path)
            self._respond(failure_response(failure, self.record, self.path))
            return
        if error is not None:
            self.refuse(error)

    @property
    def message_event(self) -> "FastCycle":
        """Return the object whose ``set`` uvicorn calls at a disconnect.

        As an attribute it would be a reference cycle, which only the garbage collector can free.
        """
        return self

    def set(self) -> None:
        """Finish a request whose client has disconnected (asyncio.Event's interface)."""
        if self.disconnected and self.more_body and not self.response_complete:
            self._complete(CLIENT_CLOSED_REQUEST)

    def count_received(self) -> None:
        """Count the received bytes of an incomplete body; refuse the request at the total limit."""
        if not self.more_body:  # called for the next header, while this request is answered
            return
        size, self._held = len(self.body) - self._held, len(self.body)
        try:
            self._gateway.body_limit.take(size)
        except TooBusyError as error:
            self.refuse(error)

    def end_body(self) -> None:
        """Start the task that answers the request; its body is complete."""
        self.more_body = False
        if not self.response_complete:
            self._task = asyncio.get_running_loop().create_task(self._run())
            self._tasks.add(self._task)

    def refuse(self, error: AppError) -> None:
        """Respond with an error."""
        self.record.refuse(error)
        self._respond(error_response(error, self.record.request_id, self.path))

    def time_out(self) -> None:
        """Respond with 408: the body was not received in time."""
        got = f"{len(self.body)} bytes of it"
        self.refuse(SlowRequestError(f"body: expected it in time, got {got}"))

    def fail_body(self, error: AppError) -> None:
        """Respond with an error: the rest of the body cannot be received."""
        self.keep_alive = False
        self.refuse(error)

    async def _run(self) -> None:
        try:
            response = await self._gateway.services.handler.handle(self)
            self._respond(response)
        except ClientDisconnect:
            self._complete(CLIENT_CLOSED_REQUEST)
        except asyncio.CancelledError:  # uvicorn cancels open tasks at the end of the grace period
            self.refuse(shutdown_error())
        finally:
            self._tasks.discard(self._task)

    @property
    def is_disconnected(self) -> bool:
        """Return whether the client has closed the connection."""
        return self.disconnected

    async def read(self) -> bytes:
        """Return the body, which is complete."""
        return bytes(self.body)

    async def read_chunk(self) -> tuple[bytes, bool]:
        """Return the body, which is complete."""
        return bytes(self.body), False

    def hold(self, size: int) -> None:
        """Count bytes of a decompressed body."""
        self._held += size
        self._gateway.body_limit.take(size)

    def _respond(self, response: HttpResponse) -> None:
        if self.disconnected or self._transport.is_closing():
            self._complete(CLIENT_CLOSED_REQUEST)
            return
        self.keep_alive &= not _lines(tuple(response.headers))[1]
        close = not self.keep_alive
        request_id, default_headers = self.record.request_id, self._default_headers
        self._transport.write(encode(response, request_id, default_headers, close=close))
        self._complete(response.status)

    def _complete(self, status: int) -> None:
        self.response_complete = True
        self._gateway.body_limit.release(self._held)
        self._held = 0
        self._gateway.finish(self.record, self.path, "POST", status)
        if self.disconnected:
            return
        if not self.keep_alive:
            self._transport.close()
        self.on_response()


class ConnectionProtocol(Protocol):
    """Interface of the protocol that starts a FastCycle."""

    client: tuple[str, int] | None
    config: Any
    default_headers: bytes
    tasks: set[asyncio.Task[None]]

    def on_response_complete(self) -> None:
        """Handle the end of a response."""


def encode(
    response: HttpResponse, request_id: str, default_headers: bytes, *, close: bool
) -> bytes:
    """Serialise a response as HTTP/1.1; ``default_headers`` are lines that end in CRLF."""
    return b"%b%b%b%b: %b\r\n%bcontent-length: %d\r\n\r\n%b" % (
        _status_line(response.status),
        default_headers,
        _lines(tuple(response.headers))[0],
        HEADER,
        request_id.encode(),
        b"connection: close\r\n" if close else b"",
        len(response.body),
        response.body,
    )


def encode_headers(headers: Headers) -> bytes:
    """Return the lines of headers, each with CRLF at its end."""
    return b"".join([b"%b: %b\r\n" % pair for pair in headers])


@lru_cache(maxsize=64)
def _lines(headers: tuple[tuple[bytes, bytes], ...]) -> tuple[bytes, bool]:
    """Return the lines of a response's headers, and whether they close the connection."""
    sent = [pair for pair in headers if pair[0] != b"connection"]
    return encode_headers(sent), len(sent) < len(headers)


@cache
def _status_line(status: int) -> bytes:
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()
