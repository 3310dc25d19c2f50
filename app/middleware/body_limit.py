"""Byte limits on request bodies, checked while they arrive."""

from collections.abc import Callable

from starlette.types import Message, Receive, Scope

from app.errors import BodyTooLargeError, SlowRequestError, TooBusyError

# Bytes of all bodies together that are large, and small again.
_LARGE_BYTES, _SMALL_BYTES = 32_000_000, 1_000_000


class BodyLimit:
    """Byte limits on each body, and on all incomplete bodies in memory together.

    Units: ``max_bytes`` of one body as sent, ``max_total_bytes`` of all incomplete bodies.
    ``on_drained`` is called when the bodies together were large and are small again.
    """

    def __init__(self, *, max_bytes: int, max_total_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.max_total_bytes = max_total_bytes
        self.total_bytes = 0
        self.on_drained: Callable[[], object] = lambda: None
        self._has_been_large = False

    def check(self, length: int) -> BodyTooLargeError | None:
        """Return the error of a Content-Length over the limit, or None."""
        return self.too_large(str(length)) if length > self.max_bytes else None

    def too_large(self, got: str) -> BodyTooLargeError:
        """Create the error for a body over the limit."""
        return BodyTooLargeError(f"body: expected at most {self.max_bytes} bytes, got {got}")

    def take(self, count: int) -> None:
        """Add bytes of an incomplete body to the total.

        Raises: TooBusyError if the total exceeds its limit.
        """
        self.total_bytes += count
        self._has_been_large |= self.total_bytes > _LARGE_BYTES
        if self.total_bytes > self.max_total_bytes:
            raise TooBusyError(
                f"service: expected at most {self.max_total_bytes} bytes of request bodies at "
                "once, got more; try again later"
            )

    def release(self, count: int) -> None:
        """Subtract the bytes of a finished request from the total."""
        self.total_bytes -= count
        if self._has_been_large and self.total_bytes < _SMALL_BYTES:
            self._has_been_large = False
            self.on_drained()


class LimitedReceive:
    """ASGI receive callable that enforces the byte limits.

    Raises: BodyTooLargeError; SlowRequestError if the server reports a timeout of the body;
    TooBusyError if the incomplete bodies together are too large; the error that the server has put
    into the scope's state if the body is not valid HTTP.
    """

    __slots__ = ("_held", "_limit", "_receive", "_received", "_scope")

    def __init__(self, limit: BodyLimit, scope: Scope, receive: Receive) -> None:
        self._limit, self._scope, self._receive = limit, scope, receive
        self._received = self._held = 0

    async def __call__(self) -> Message:
        """Return the next message."""
        message = await self._receive()
        if message["type"] != "http.request":
            return message
        size = len(message.get("body", b""))
        self._received += size
        if self._received > self._limit.max_bytes:
            raise self._limit.too_large("more")
        if message.get("more_body"):
            if "body_error" in self._scope["state"]:
                raise self._scope["state"]["body_error"]
            if "late" in self._scope["state"]:
                raise SlowRequestError(
                    f"body: expected it in time, got {self._received} bytes of it"
                )
            self.hold(size)
        return message

    def hold(self, size: int) -> None:
        """Add bytes to the total until the end of the request.

        Raises: TooBusyError if the total exceeds its limit.
        """
        self._held += size
        self._limit.take(size)

    def release(self) -> None:
        """Subtract the bytes of this body from the total, at the end of the request."""
        if self._held:
            self._limit.release(self._held)
            self._held = 0
