"""Requests that are lost at SIGTERM, of clients that open a new connection for each request.

Run with ``python -m benchmarks.termination [DIRECTORY]``, DIRECTORY being a checkout of another
version to compare with. Each round starts a server, sends requests, stops the server with SIGTERM,
and goes on until the port refuses connections. A request counts as sent when its connection has
been made. If the connection then ends without a response, the request is lost.
"""

import argparse
import asyncio
import os
import signal
import time
from collections import Counter
from pathlib import Path

import uvloop

from benchmarks.servers import OURS, Server, serve
from tests.support.reconnecting import ReconnectingLoad

_COLUMNS = ("rounds", "sent", "200", "429", "503", "lost", "refused")

_SETTINGS = {
    "DIGITS_DRAIN_SECONDS": "0.5",
    "DIGITS_ACCESS_LOG": "0",
    "DIGITS_WAIT_SECONDS": "5",
}


def measure(
    directory: Path | None, workers: int, *, clients: int, requests: int, before_signal: int
) -> Counter[str]:
    """Run rounds until ``requests`` requests have been sent; return the counts of all rounds."""
    total: Counter[str] = Counter()
    cores = os.sched_getaffinity(0)
    settings = _SETTINGS | {"DIGITS_WORKERS": str(workers)}
    while total["sent"] < requests:
        with serve(OURS, cores, directory=directory, **settings) as server:
            time.sleep(0.5)  # all workers have started
            total += uvloop.run(_measure_round(server, clients, before_signal))
        total["rounds"] += 1
    return total


async def _measure_round(server: Server, clients: int, before_signal: int) -> Counter[str]:
    load = ReconnectingLoad(server.port)
    running = asyncio.create_task(load.run(clients))
    await load.wait_until_sent(before_signal)
    os.kill(server.process, signal.SIGTERM)
    await running
    return load.counts


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.termination", description=__doc__)
    parser.add_argument("directory", type=Path, nargs="?", help="a checkout of the other version")
    parser.add_argument(
        "--requests", type=int, default=20_000, help="requests for each row (default: 20000)"
    )
    parser.add_argument("--clients", type=int, default=64, help="concurrent clients (default: 64)")
    arguments = parser.parse_args()
    versions = {"this": None} | ({"other": arguments.directory} if arguments.directory else {})
    print(f"| version | workers | {' | '.join(_COLUMNS)} |")
    print("|---|" + "--:|" * (1 + len(_COLUMNS)))
    for workers in (1, 4):
        for name, directory in versions.items():
            counts = measure(
                directory,
                workers,
                clients=arguments.clients,
                requests=arguments.requests,
                before_signal=1000,
            )
            cells = [str(counts[column]) for column in _COLUMNS]
            print(f"| {name} | {workers} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
