"""Call of a method: its metadata, its message, and what came of it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import grpc
from starlette.requests import ClientDisconnect

from app.api.messages import Headers
from app.api.problems import INTERNAL_ERROR, out_of_memory_error
from app.errors import STATUS, AppError
from app.grpc.methods import http_path
from app.grpc.status import code_of, details_of
from app.inference.caller import AbandonedError
from app.middleware.gateway import CLIENT_CLOSED_REQUEST, Gateway, shutdown_error
from app.telemetry.request_id import HEADER, choose_request_id
from app.telemetry.request_record import log_failure


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of a call: the response or an error; ``status`` is the same error's of HTTP."""

    status: int
    code: grpc.StatusCode
    details: str = ""
    response: bytes = b""


class Call:
    """Call that has begun; it is the caller of the prediction service."""

    __slots__ = ("context", "headers", "held", "is_disconnected", "method", "peer", "record")

    def __init__(self, method: str, context: Any, gateway: Gateway) -> None:
        self.method, self.context = method, context
        self.headers: Headers = [
            (name.encode(), value if isinstance(value, bytes) else value.encode())
            for name, value in context.invocation_metadata()
        ]
        self.peer = _parse_peer(context.peer())
        self.record = gateway.begin(http_path(method), self.headers)
        self.held = 0
        self.is_disconnected = False

    def use_id(self, own_id: str | None) -> None:
        """Take the id in the message for the request's, if none is in the metadata."""
        if own_id and all(name != HEADER for name, _ in self.headers):
            self.record.request_id = choose_request_id([(HEADER, own_id.encode())])

    def refuse(self, error: AppError) -> Outcome:
        """Return the outcome of a call that ends with an error, and note it in the record."""
        self.record.refuse(error)
        return Outcome(STATUS[type(error)], code_of(error), details_of(error))

    def fail(self, error: BaseException) -> Outcome:
        """Return the outcome of a call that ends with this exception, which is being handled."""
        if isinstance(error, AppError):
            return self.refuse(error)
        if isinstance(error, AbandonedError | ClientDisconnect):
            return Outcome(CLIENT_CLOSED_REQUEST, grpc.StatusCode.CANCELLED)
        if not isinstance(error, Exception):  # cancelled at the end of the grace period
            return self.refuse(shutdown_error())
        log_failure(self.record, error, "POST", self.method)
        if isinstance(error, MemoryError):
            return self.refuse(out_of_memory_error())
        return Outcome(500, grpc.StatusCode.INTERNAL, INTERNAL_ERROR)


def _parse_peer(peer: str) -> tuple[str, int]:
    """Return address and port of a client that gRPC names like ``ipv6:%5B::1%5D:50051``."""
    address, _, port = unquote(peer.partition(":")[2]).rpartition(":")
    return address.strip("[]"), int(port) if port.isdecimal() else 0
