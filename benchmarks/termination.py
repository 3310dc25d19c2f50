"""Requests that are lost at SIGTERM: clients that open a new connection for each request.

Run with ``python -m benchmarks.termination [DIRECTORY]``, DIRECTORY being a checkout of another
version to compare with. Each round starts a server, sends requests, stops the server with SIGTERM in
the middle, and goes on until the port refuses connections. A request counts as sent when its
connection has been made; if the connection then ends without a response, it is lost.
"""

import argparse
import asyncio
import os
import time
from collections import Counter
from pathlib import Path

import uvloop

from benchmarks.servers import OURS, Server, serve
from tests.support.pictures import as_bytes

COLUMNS = ("sent", "200", "429", "503", "other", "lost", "refused")


class Load:
    """Clients that each send one request at a time, always on a new connection."""

    def __init__(self, port: int) -> None:
        body = as_bytes()
        head = "POST /v1/predictions HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
        self._request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        self._address = ("127.0.0.1", port)
        self.counts: Counter[str] = Counter()

    async def run(self, clients: int) -> None:
        """Send until the port refuses connections."""
        await asyncio.gather(*(self._ask_until_refused() for _ in range(clients)))

    async def _ask_until_refused(self) -> None:
        while True:
            try:
                reader, writer = await asyncio.open_connection(*self._address)
            except OSError:
                self.counts["refused"] += 1
                return
            self.counts["sent"] += 1
            self.counts[await self._ask(reader, writer)] += 1
            writer.transport.abort()  # no TIME_WAIT: the ports are not used up

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        try:
            writer.write(self._request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split()[0])
            await reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError):
            return "lost"
        status = head[9:12].decode()
        return status if status in COLUMNS else "other"


async def measure_round(server: Server, clients: int, requests: int) -> Counter[str]:
    """Send requests, stop the server with SIGTERM when half have been sent; return the counts."""
    load = Load(server.port)
    task = asyncio.create_task(load.run(clients))
    while load.counts["sent"] < requests / 2:
        await asyncio.sleep(0.01)
    os.kill(server.process, 15)
    await task
    return load.counts


def measure(
    directory: Path | None, workers: int, *, clients: int, requests: int, at_least: int
) -> Counter[str]:
    """Return the counts of as many rounds as it takes to send ``at_least`` requests."""
    total: Counter[str] = Counter()
    cores = os.sched_getaffinity(0)
    settings = {"DIGITS_WORKERS": str(workers), "DIGITS_WAIT_SECONDS": "5"}
    settings |= {"DIGITS_DRAIN_SECONDS": "0.5", "DIGITS_ACCESS_LOG": "0"}
    while total["sent"] < at_least:
        with serve(OURS, cores, directory=directory, **settings) as server:
            time.sleep(0.5)  # all workers have started
            total += uvloop.run(measure_round(server, clients, requests))
            total["rounds"] += 1
    return total


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.termination", description=__doc__)
    parser.add_argument("directory", type=Path, nargs="?", help="a checkout of the other version")
    parser.add_argument("--requests", type=int, default=20_000, help="of each row (default: 20000)")
    parser.add_argument("--clients", type=int, default=64, help="at the same time (default: 64)")
    parser.add_argument(
        "--round", type=int, default=1000, help="requests before each SIGTERM (default: 1000)"
    )
    arguments = parser.parse_args()
    versions = {"this": None} | ({"other": arguments.directory} if arguments.directory else {})
    print(f"| version | workers | rounds | {' | '.join(COLUMNS)} |")
    print("|---|" + "--:|" * (2 + len(COLUMNS)))
    for workers in (1, 4):
        for name, directory in versions.items():
            counts = measure(
                directory,
                workers,
                clients=arguments.clients,
                requests=2 * arguments.round,
                at_least=arguments.requests,
            )
            cells = [str(counts[column]) for column in ("rounds", *COLUMNS)]
            print(f"| {name} | {workers} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
