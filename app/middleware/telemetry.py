"""Every request gets an id, is counted, has its line in the log; what fails gets a bare 500."""

import random
import re
import time
from collections.abc import Iterable
from typing import Any

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import problem, problem_response
from app.telemetry.access_log import AccessLog
from app.telemetry.metrics import OTHER, Metrics
from app.telemetry.request_record import Record

HEADER = "X-Request-ID"
_RAW_HEADER = HEADER.lower().encode()
_VALID = re.compile(rb"[A-Za-z0-9._-]{1,128}")

# Asked every few seconds, by machines: neither counted nor in the log, unless they fail.
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})

GONE = 499  # nginx's status for a client that did not wait for its answer

logger = structlog.get_logger("digitserve")


class Observability:
    """ASGI middleware: the outermost, so that it sees what all others answer.

    ``routes`` are the labels of endpoints; a request that reached none is ``other``.
    """

    def __init__(
        self, app: ASGIApp, *, metrics: Metrics, access_log: AccessLog, routes: dict[Any, str]
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._access_log = access_log
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on under its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] in PROBES:
            await self._answer(scope, receive, send)
        else:
            await self._count(scope, receive, send)

    async def _count(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        self._metrics.in_flight.add()
        status = GONE
        try:
            status = await self._answer(scope, receive, send)
        finally:
            self._metrics.in_flight.add(-1)
            seconds = time.perf_counter() - began
            route = self._routes.get(scope.get("endpoint"), OTHER)
            record: Record = scope["state"]["record"]
            self._metrics.count(record, route, status, seconds)
            if self._access_log.wants(status):
                request_id, method = scope["state"]["request_id"], scope["method"]
                self._access_log.write(request_id, method, route, status, seconds, record)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> int:
        """Return the status that was answered, or GONE."""
        request_id = choose_request_id(scope["headers"])
        state = scope.setdefault("state", {})
        state["request_id"], state["record"] = request_id, Record()
        status = GONE

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (_RAW_HEADER, request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except ClientDisconnect:
            logger.info("client went away", request_id=request_id)
        except Exception:
            logger.exception(
                "internal error",
                request_id=request_id,
                method=scope["method"],
                path=scope["path"],
            )
            if status == GONE:
                document = problem(500, "internal error, logged under the request id", request_id)
                await problem_response(document)(scope, receive, send_with_id)
        return status


def choose_request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return the caller's id if it is a valid one, else a new one."""
    for name, value in headers:
        if name == _RAW_HEADER:
            return str(value.decode()) if _VALID.fullmatch(value) else _new_id()
    return _new_id()


def _new_id() -> str:
    """Return an id that no other request has; not a secret, so that it needs no call to the system.

    Python seeds the generator from the system's, and anew in each process.
    """
    return f"{random.getrandbits(128):032x}"
