"""Timer of a connection: limits how long something may stay incomplete."""

import asyncio
from collections.abc import Callable

# How long a refused client may go on sending before the connection is cut.
_LINGER_SECONDS = 2.0


class ConnectionTimer:
    """Timer that runs at most one time at once, and also measures whether the client reads.

    Units: ``seconds`` is the time limit to receive something or to read a response.
    """

    def __init__(
        self, transport: asyncio.Transport, seconds: float, on_timeout: Callable[[], None]
    ) -> None:
        self._transport, self._seconds, self._on_timeout = transport, seconds, on_timeout
        self._handle: asyncio.TimerHandle | None = None
        self._unread = 0

    @property
    def has_progress(self) -> bool:
        """Return whether the client has read bytes of a response since the start."""
        return self._transport.get_write_buffer_size() < self._unread

    def start(self, seconds: float = 0) -> None:
        """Start the timer if it does not run."""
        if self._handle is None:
            self._unread = self._transport.get_write_buffer_size()
            loop = asyncio.get_running_loop()
            self._handle = loop.call_later(seconds or self._seconds, self._end)

    def stop(self) -> None:
        """Stop the timer."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def start_linger(self) -> None:
        """Start the timer of a half-closed connection instead of the one that runs."""
        self.stop()
        self.start(min(self._seconds, _LINGER_SECONDS))

    def _end(self) -> None:
        self._handle = None
        self._on_timeout()
