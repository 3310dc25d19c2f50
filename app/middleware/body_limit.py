"""What a request may cost before anything looks at it."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import BodyTooLargeError, SlowRequestError, refuse


class BodyLimit:
    """ASGI middleware: count a body's bytes while they arrive, and stop at the limit.

    Also when the protocol says that they are late.
    Units: ``max_bytes`` of the body as sent.
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its body limited."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > self._max_bytes:
            await refuse(self._error(declared), scope, receive, send)
            return
        received = 0

        async def limited_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_bytes:
                raise self._error("more")
            if "late" in scope["state"] and message.get("more_body"):
                raise SlowRequestError(f"body: expected it in time, got {received} bytes of it")
            return message

        await self._app(scope, limited_receive, send)

    def _error(self, got: str) -> BodyTooLargeError:
        return BodyTooLargeError(f"body: expected at most {self._max_bytes} bytes, got {got}")
