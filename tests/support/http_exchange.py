"""Raw exchange with an HTTP server: sends bytes, and describes what comes back."""

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress

PROBE = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"

# In place of a piece: wait for a response.
WAIT = b""

# Time between two pieces, and without further bytes after which a server waits. In seconds.
_PAUSE, _QUIET = 0.01, 0.15

# Longest time for an answer, in seconds.
_LIMIT = 8.0

_STATUS = re.compile(rb"HTTP/1\.1 (\d{3})[^\r]*\r\n")


def statuses(received: bytes) -> list[str]:
    """Return the statuses of responses, 1xx included; no body may look like a status line."""
    return [found.decode() for found in _STATUS.findall(received)]


class Exchange:
    """Connection to a server, with all bytes that it has sent."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.received = b""
        self.closed = False

    async def send(self, pieces: Sequence[bytes], *, half_close: bool = False) -> None:
        """Send pieces one after another, and the end of the input if ``half_close``."""
        with suppress(ConnectionError):
            for number, piece in enumerate(pieces):
                if number:
                    await asyncio.sleep(_PAUSE)
                if piece == WAIT and number:
                    await self.read(len(statuses(self.received)) + 1, to_end=False)
                self._writer.write(piece)
                await self._writer.drain()
            if half_close:
                self._writer.write_eof()

    async def read(self, count: int, *, to_end: bool) -> None:
        """Read until there are ``count`` statuses, or to the end, and then for a quiet moment."""
        limit = _LIMIT
        while not self.closed:
            if len(statuses(self.received)) >= count and not to_end:
                limit = _QUIET
            try:
                data = await asyncio.wait_for(self._reader.read(65536), limit)
            except TimeoutError:
                return
            except ConnectionError:
                data = b""
            self.received += data
            self.closed = not data


async def exchange(
    port: int, pieces: Sequence[bytes], expected: str, *, half_close: bool = False
) -> str:
    """Send pieces to a server on this machine; return the outcome as in ``Case``.

    ``expected`` says for how long to wait; it does not change the outcome.
    """
    *wanted, end = expected.split()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        connection = Exchange(reader, writer)
        await connection.send(pieces, half_close=half_close)
        await connection.read(len(wanted), to_end=end == "closed")
        seen = statuses(connection.received)
        if not connection.closed and end != "waits":
            await connection.send([PROBE])
            await connection.read(len(seen) + 1, to_end=False)
            more = statuses(connection.received)[len(seen) :]
            return " ".join([*seen, "kept" if more == ["200"] else "waits"])
        return " ".join([*seen, "closed" if connection.closed else "waits"])
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
