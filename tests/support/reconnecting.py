"""Load of clients that open a new connection for each request, as far as a server's end."""

import asyncio
from collections import Counter

from tests.support.pictures import as_bytes


class ReconnectingLoad:
    """Clients that each send one prediction request at a time, always on a new connection.

    ``counts`` has the connections that were made as ``sent``, the statuses, the connections that
    ended without a complete response as ``lost``, and the ``refused`` connections.
    """

    def __init__(self, port: int) -> None:
        body = as_bytes()
        head = "POST /v1/predictions HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
        self._request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        self._address = ("127.0.0.1", port)
        self.counts: Counter[str] = Counter()

    async def run(self, clients: int) -> None:
        """Send until the port refuses connections."""
        await asyncio.gather(*(self._send_until_refused() for _ in range(clients)))

    async def wait_until_sent(self, requests: int) -> None:
        """Wait until this number of requests has been sent."""
        while self.counts["sent"] < requests:
            await asyncio.sleep(0.005)

    async def _send_until_refused(self) -> None:
        while True:
            try:
                reader, writer = await asyncio.open_connection(*self._address)
            except OSError:
                self.counts["refused"] += 1
                return
            self.counts["sent"] += 1
            self.counts[await self._send(reader, writer)] += 1
            writer.transport.abort()  # without TIME_WAIT, in which ports would be used up

    async def _send(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        try:
            writer.write(self._request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split()[0])
            await reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError):
            return "lost"
        return head[9:12].decode()
