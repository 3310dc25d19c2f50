"""Overload test: the service at its capacity, and at twice that request rate.

The load is open-loop: requests are sent at a fixed rate, independent of the answers, as by many
independent clients. The load generator needs a core of its own beside that of the service.
"""

import argparse
import asyncio
import os
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
import uvloop

from tests.support.memory import MEGABYTE, resident_bytes
from tests.support.pictures import as_bytes
from tests.support.servers import Server, serve

_TICK = 0.005  # seconds; requests of one tick are sent together


@dataclass(slots=True)
class Phase:
    """Counts and latencies of one phase of the load."""

    seconds: float = 0.0
    sent: int = 0
    unsent: int = 0  # for want of connections
    latencies: dict[int, list[float]] = field(default_factory=dict)
    megabytes: float = 0.0
    cpu_seconds: float = 0.0

    def row(self, name: str) -> str:
        """Return the row of the table."""
        accepted = np.array(self.latencies.get(200, [0.0]))
        refused = np.array(self.latencies.get(429, [0.0]))
        answered = sum(map(len, self.latencies.values()))
        others = answered - len(self.latencies.get(200, [])) - len(self.latencies.get(429, []))
        cells = [
            name,
            f"{self.sent / self.seconds:,.0f}",
            f"{len(self.latencies.get(200, [])) / self.seconds:,.0f}",
            f"{len(self.latencies.get(429, [])) / self.seconds:,.0f}",
            f"{others + self.unsent}",
            f"{self.sent - answered}",
            f"{np.median(accepted) * 1000:.1f}",
            f"{np.quantile(accepted, 0.99) * 1000:.1f}",
            f"{np.quantile(refused, 0.99) * 1000:.1f}",
            f"{self.megabytes:.0f}",
            f"{self.cpu_seconds / self.seconds:.0%}",
        ]
        return f"| {' | '.join(cells)} |"


class Connection(asyncio.Protocol):
    """One connection of the load generator; it records the latency of each answer."""

    def __init__(self, load: "Load") -> None:
        self._load = load
        self._began = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Store the transport of the new connection."""
        self._transport = cast(asyncio.Transport, transport)

    @property
    def closed(self) -> bool:
        """Whether the connection is closed."""
        return self._transport is None or self._transport.is_closing()

    def ask(self) -> None:
        """Send the request."""
        self._began = time.perf_counter()
        if self._transport:
            self._transport.write(self._load.request)

    def data_received(self, data: bytes) -> None:
        """Record the answer, which arrives in one piece or in two, the header first."""
        if data.startswith(b"HTTP/1.1 "):
            self._load.note(int(data[9:12]), time.perf_counter() - self._began)
        if data.endswith(b"}"):
            if self._load.closed:
                self.ask()
            else:
                self._load.idle.append(self)


class Load:
    """Open-loop load generator: connections to a server, and the current phase."""

    def __init__(self, server: Server, most: int) -> None:
        picture = as_bytes()
        head = "POST /v1/predictions HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
        self.request = f"{head}Content-Length: {len(picture)}\r\n\r\n".encode() + picture
        self.idle: deque[Connection] = deque()
        self.phase = Phase()
        self.closed = False  # whether each connection asks again at once
        self._server = server
        self._count, self._most = 0, most

    def note(self, status: int, seconds: float) -> None:
        """Count an answer."""
        self.phase.latencies.setdefault(status, []).append(seconds)

    async def run(self, *, rate: float, seconds: float) -> Phase:
        """Send requests at a fixed rate for some seconds, then wait for the answers."""
        phase = self.phase = Phase(seconds)
        began, owed = time.perf_counter(), 0.0
        cpu = _cpu_seconds(self._server)
        last = began
        while (now := time.perf_counter()) < began + seconds:
            owed += (now - last) * rate
            last = now
            while owed >= 1:
                owed -= 1
                await self._send(phase)
            await asyncio.sleep(_TICK)
        phase.cpu_seconds = _cpu_seconds(self._server) - cpu
        end = time.perf_counter() + 10
        while sum(map(len, phase.latencies.values())) < phase.sent and time.perf_counter() < end:
            await asyncio.sleep(0.1)
        phase.megabytes = resident_bytes(self._server.process.pid) / MEGABYTE
        return phase

    async def connect(self) -> None:
        """Open a connection that is idle at first."""
        self._count += 1
        connection = Connection(self)
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: connection, "127.0.0.1", self._server.port)
        self.idle.append(connection)

    async def _send(self, phase: Phase) -> None:
        while self.idle and self.idle[-1].closed:  # by the service, after a while without requests
            self.idle.pop()
        if not self.idle:
            if self._count == self._most:
                phase.unsent += 1
                return
            await self.connect()
        self.idle.pop().ask()
        phase.sent += 1


def _cpu_seconds(server: Server) -> float:
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _capacity(server: Server, seconds: float) -> float:
    """Return the capacity: requests per second of 16 clients in a closed loop."""
    load = Load(server, 16)
    load.phase, load.closed = Phase(seconds), True
    for _ in range(16):
        await load.connect()
    while load.idle:
        load.idle.pop().ask()
    await asyncio.sleep(seconds)
    load.closed = False
    return len(load.phase.latencies[200]) / seconds


async def _measure(server: Server, seconds: float, connections: int) -> None:
    # The largest of five, because other processes on the machine can only reduce it.
    capacity = max([await _capacity(server, 3) for _ in range(5)])
    print(f"capacity: {capacity:,.0f} requests/s, of 16 clients who ask as soon as answered\n")
    print(
        "| load | sent/s | 200/s | 429/s | other, or unsent | no answer "
        "| p50, ms | p99 | p99 of 429 | MB | CPU |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    load = Load(server, connections)
    for name, factor in (("1 x", 1), ("2 x", 2), ("1 x, after it", 1)):
        phase = await load.run(rate=factor * capacity, seconds=seconds)
        print(phase.row(name), flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.overload", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="of each load")
    parser.add_argument(
        "--connections", type=int, default=2000, help="at most; 10,000 need as many open files"
    )
    arguments = parser.parse_args()
    with serve(DIGITS_ACCESS_LOG="0") as server:
        print(f"service: {server.url}")  # it listens now
        uvloop.run(_measure(server, arguments.seconds, arguments.connections))


if __name__ == "__main__":
    main()
