"""ASGI gateway: request id, access control, load shedding, body limits, metrics and log."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import structlog
from fastapi import FastAPI
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from app.api.messages import Headers, server_cycle, to_starlette
from app.api.paths import PROBES, is_for_admin, is_public
from app.api.problems import error_response, failure_response
from app.api.services import Services
from app.errors import AppError, NotReadyError
from app.middleware.access import AccessControl
from app.middleware.body_limit import BodyLimit, LimitedReceive
from app.telemetry.request_id import HEADER
from app.telemetry.request_record import RequestRecord, log_failure

# nginx's status for a client that disconnects before the response.
CLIENT_CLOSED_REQUEST = 499

logger = structlog.get_logger("digitserve")


class Gateway:
    """ASGI middleware around the FastAPI application; all requests pass through it."""

    def __init__(self, app: FastAPI, services: Services, access: AccessControl) -> None:
        settings = services.settings
        self.app = app
        self.services = services
        self._access = access
        self.body_limit = BodyLimit(
            max_bytes=settings.max_body_bytes, max_total_bytes=settings.max_total_body_bytes
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle an HTTP request; pass lifespan events to the application."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        record = self.begin(scope["path"], scope["headers"])
        limited = LimitedReceive(self.body_limit, scope, receive)
        scope.setdefault("state", {}).update(record=record, hold=limited.hold)
        exchange = _Exchange(send, record.request_id)
        try:
            await self._answer(scope, limited, exchange)
        except ClientDisconnect:
            exchange.status = CLIENT_CLOSED_REQUEST  # Starlette has made it a 500
        except asyncio.CancelledError:
            if exchange.status != CLIENT_CLOSED_REQUEST:
                raise
            await _respond(shutdown_error(), scope, receive, exchange)
        except Exception as error:
            await self._answer_exception(error, scope, receive, exchange)
        finally:
            limited.release()
            status = CLIENT_CLOSED_REQUEST if _is_cut_off(scope) else exchange.status
            self.finish(record, scope["path"], scope["method"], status)

    def begin(self, path: str, headers: Headers) -> RequestRecord:
        """Create the record of a new request."""
        telemetry = self.services.telemetry
        return telemetry.begin_probe(headers) if path in PROBES else telemetry.begin(headers, path)

    def refusal(
        self, path: str, headers: Headers, length: int, *, checks_host: bool = True
    ) -> AppError | None:
        """Return the error of a request that its path and headers exclude, or None.

        Units: ``length`` is the Content-Length in bytes, 0 without one.
        """
        access = self._access.check(path, headers, checks_host=checks_host)
        error = access or self.body_limit.check(length)
        admission = self.services.predictions.admission
        if error is None and admission.is_saturated:
            exempt = is_public(path) or is_for_admin(path)  # rollbacks must be possible under load
            return None if exempt else admission.too_busy_error()
        return error

    def finish(self, record: RequestRecord, path: str, method: str, status: int) -> None:
        """Count and log a finished request."""
        try:
            record.finish(self.services.route_labels.label(path), method, status)
        except Exception:  # too late for an error response
            logger.exception("request could not be counted", request_id=record.request_id)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = scope["headers"]
        error = self.refusal(scope["path"], headers, _declared_length(headers))
        if error is None:
            await self.app(scope, receive, send)
        else:
            await _respond(error, scope, receive, send)

    async def _answer_exception(
        self, error: Exception, scope: Scope, receive: Receive, send: "_Exchange"
    ) -> None:
        record = scope["state"]["record"]
        log_failure(record, error, scope["method"], scope["path"])
        if send.status == CLIENT_CLOSED_REQUEST:
            await to_starlette(failure_response(error, record, scope["path"]))(scope, receive, send)


class _Exchange:
    """ASGI send callable: adds the request id to the response and records the status."""

    __slots__ = ("_request_id", "_send", "status")

    def __init__(self, send: Send, request_id: str) -> None:
        self._send, self._request_id = send, request_id
        self.status = CLIENT_CLOSED_REQUEST

    def __call__(self, message: Message) -> Awaitable[Any]:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message["headers"], (HEADER, self._request_id.encode())]
        return self._send(message)


def shutdown_error() -> NotReadyError:
    """Create the error for a request that is cancelled at the end of the grace period."""
    return NotReadyError("request: expected a response before the shutdown, got cancelled")


async def _respond(error: AppError, scope: Scope, receive: Receive, send: Send) -> None:
    record = scope["state"]["record"]
    record.refuse(error)
    response = error_response(error, record.request_id, scope["path"])
    await to_starlette(response)(scope, receive, send)


def _is_cut_off(scope: Scope) -> bool:
    """Return whether the client disconnected before the whole response was written."""
    cycle = server_cycle(scope)
    return cycle is not None and bool(cycle.disconnected and not cycle.response_complete)


def _declared_length(headers: Headers) -> int:
    """Return the Content-Length, 0 without one."""
    lengths = (value for name, value in headers if name == b"content-length" and value.isdigit())
    return int(next(lengths, b"0"))
