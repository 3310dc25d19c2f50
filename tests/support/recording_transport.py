"""Transport without a network: records what a protocol writes."""

import asyncio
from typing import Any


class RecordingTransport(asyncio.Transport):
    """Transport that keeps all written bytes; the client reads everything at once."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data: Any) -> None:
        """Record bytes."""
        self.written += data

    def write_eof(self) -> None:
        """Record the end of the output."""
        self.closed = True

    def close(self) -> None:
        """Record the end of the connection."""
        self.closed = True

    def abort(self) -> None:
        """Record the end of the connection."""
        self.closed = True

    def is_closing(self) -> bool:
        """Return whether the connection has ended."""
        return self.closed

    def get_write_buffer_size(self) -> int:
        """Return 0: nothing waits."""
        return 0

    def pause_reading(self) -> None:
        """Ignore it: the test sends what it wants."""

    def resume_reading(self) -> None:
        """Ignore it: the test sends what it wants."""
