"""HTTP request and response types that are independent of the server and the framework."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Scope

from app.telemetry.request_record import RequestRecord

Headers = Sequence[tuple[bytes, bytes]]


class HttpRequest(ABC):
    """Interface of an HTTP request whose header has been received; header names in lower case."""

    __slots__ = ("headers", "path", "peer", "query", "record")

    peer: tuple[str, int]  # the client's address and port
    path: str
    query: bytes
    headers: Headers
    record: RequestRecord

    @property
    @abstractmethod
    def is_disconnected(self) -> bool:
        """Return whether the client has closed the connection."""

    @abstractmethod
    async def read_chunk(self) -> tuple[bytes, bool]:
        """Return the next part of the body, and whether more follows.

        Raises: ClientDisconnect if the client disconnects before the end of the body; an AppError
        if the body exceeds a limit.
        """

    @abstractmethod
    def hold(self, size: int) -> None:
        """Count bytes that a body takes when it is decompressed, until the end of the request.

        Raises: TooBusyError if all bodies together exceed their limit.
        """

    def header(self, wanted: bytes) -> str:
        """Return the value of a header, or an empty string without it."""
        for name, value in self.headers:
            if name == wanted:
                return value.decode("latin-1")
        return ""

    async def read(self) -> bytes:
        """Return the whole body.

        Raises: as ``read_chunk``.
        """
        chunk, more = await self.read_chunk()
        if not more:
            return chunk
        chunks = [chunk]
        while more:
            chunk, more = await self.read_chunk()
            chunks.append(chunk)
        return b"".join(chunks)


class StarletteRequest(HttpRequest):
    """Adapter from Starlette's request to HttpRequest."""

    __slots__ = ("_request",)

    def __init__(self, request: Request) -> None:
        self._request = request
        address, port = request.scope["client"] or ("", 0)  # ASGI allows any iterable of the two
        self.peer = (address, port)
        self.path = request.scope["path"]
        self.query = request.scope["query_string"]
        self.headers = request.scope["headers"]
        self.record = request.state.record

    @property
    def is_disconnected(self) -> bool:
        """Return whether the client has disconnected; always false with another ASGI server."""
        cycle = server_cycle(self._request.scope)
        return cycle is not None and bool(cycle.disconnected or cycle.transport.is_closing())

    async def read_chunk(self) -> tuple[bytes, bool]:
        """Return the next part of the body, and whether more follows."""
        message = await self._request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        return message.get("body", b""), message.get("more_body", False)

    def hold(self, size: int) -> None:
        """Count bytes of a decompressed body."""
        self._request.scope["state"]["hold"](size)


def server_cycle(scope: Scope) -> Any:
    """Return the server's cycle of a request; None with another ASGI server."""
    reference = scope["state"].get("cycle")
    return reference and reference()


@dataclass(slots=True)
class HttpResponse:
    """HTTP response with its complete body; ``headers`` are without Content-Length."""

    status: int
    headers: Headers
    body: bytes


def to_starlette(response: HttpResponse) -> Response:
    """Convert a response to Starlette's class."""
    result = Response(response.body, response.status)
    result.raw_headers.extend(response.headers)
    return result
