"""Limits on request bodies, held while their bytes arrive."""

from starlette.types import Message, Receive, Scope

from app.errors import BodyTooLargeError, SlowRequestError, TooBusyError


class BodyLimit:
    """Counts the bytes of each body, and of all bodies that arrive in pieces at the same time.

    Units: ``max_bytes`` of one body as sent, ``max_total_bytes`` of all of them together.
    """

    def __init__(self, *, max_bytes: int, max_total_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.max_total_bytes = max_total_bytes
        self.total_bytes = 0

    def check(self, length: int) -> BodyTooLargeError | None:
        """Return the error of a body whose declared length is over the limit, else None."""
        return self.too_large(str(length)) if length > self.max_bytes else None

    def too_large(self, got: str) -> BodyTooLargeError:
        """Return the error of a body that has more bytes."""
        return BodyTooLargeError(f"body: expected at most {self.max_bytes} bytes, got {got}")

    def take(self, count: int) -> None:
        """Count bytes that wait in memory for the rest of their body.

        Raises: TooBusyError if all bodies together have more than allowed.
        """
        self.total_bytes += count
        if self.total_bytes > self.max_total_bytes:
            raise TooBusyError(
                f"service: expected at most {self.max_total_bytes} bytes of request bodies at "
                "once, got more; try again later"
            )

    def release(self, count: int) -> None:
        """Take bytes off the count: their request is over."""
        self.total_bytes -= count


class LimitedReceive:
    """ASGI receive callable: passes the pieces of a body on, up to the limits.

    Raises: BodyTooLargeError; SlowRequestError if the server says that the body is late;
    TooBusyError if too many bytes of bodies are arriving.
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
            if "late" in self._scope["state"]:
                raise SlowRequestError(
                    f"body: expected it in time, got {self._received} bytes of it"
                )
            self._held += size
            self._limit.take(size)
        return message

    def release(self) -> None:
        """Take the bytes of this body off the count: the request is over."""
        if self._held:
            self._limit.release(self._held)
            self._held = 0
