"""The request id, on every answer and every line of the log; and the log of what we broke."""

import logging
import re
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import problem, problem_response

HEADER = "X-Request-ID"
_VALID = re.compile(r"[A-Za-z0-9._-]{1,128}")

logger = logging.getLogger("digitserve")


class RequestId:
    """ASGI middleware: name every request, and answer those that fail within with a bare 500."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on under its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _choose(Headers(scope=scope).get(HEADER))
        scope.setdefault("state", {})["request_id"] = request_id
        started = False

        async def send_with_id(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except ClientDisconnect:
            logger.info("client went away, request_id=%s", request_id)
        except Exception:
            logger.exception("%s %s, request_id=%s", scope["method"], scope["path"], request_id)
            if not started:
                document = problem(500, "internal error, logged under the request id", request_id)
                await problem_response(document)(scope, receive, send_with_id)


def _choose(sent: str | None) -> str:
    """Return the caller's id if it is a valid one, else a new one."""
    return sent if sent and _VALID.fullmatch(sent) else uuid.uuid4().hex
