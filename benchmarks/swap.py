"""Swaps of the served model under load: failed requests, p99 during and between swaps, memory.

Run with ``python -m benchmarks.swap``. Clients on one core send small pictures over kept
connections; the service has the other cores. A swap writes the next version beside the old ones,
loads it, and unloads the version before it. "During" is from the request to load until every worker
serves the next version, and the old one is unloaded.
"""

import argparse
import asyncio
import http.client
import math
import os
import re
import shutil
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.servers import OURS, Server, serve
from model_core.weights import pretrained_dir
from tests.support.pictures import as_bytes

_ADMIN_KEY = "an-admin-key-for-the-benchmark"

# Swaps before the first reading of the memory, and the time between two swaps, in seconds.
_WARM_UP, _PAUSE_SECONDS = 5, 0.3

COLUMNS = (
    "workers",
    "swaps",
    "requests",
    "failures",
    "p99 between swaps, ms",
    "p99 during swaps, ms",
    "longest, ms",
    "a swap, ms",
    "memory before, MB",
    "memory after, MB",
)


@dataclass(slots=True)
class Run:
    """Requests of a run: start and duration of each, failures, and the times of the swaps."""

    requests: list[tuple[float, float]] = field(default_factory=list)
    failures: int = 0
    swaps: list[tuple[float, float]] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    def row(self, workers: int) -> list[str]:
        """Return the row of the table."""
        during, between = self._split()
        swap = sum(end - start for start, end in self.swaps) / len(self.swaps)
        return [
            str(workers),
            str(len(self.swaps)),
            str(len(self.requests) + self.failures),
            str(self.failures),
            f"{_percentile(between) * 1000:.1f}",
            f"{_percentile(during) * 1000:.1f}",
            f"{max(seconds for _, seconds in self.requests) * 1000:.1f}",
            f"{swap * 1000:.0f}",
            *(f"{one:.1f}" for one in self.memory),
        ]

    def _split(self) -> tuple[list[float], list[float]]:
        """Return the durations of the requests that overlap a swap, and of the others."""
        during: list[float] = []
        between: list[float] = []
        swaps = iter([*self.swaps, (math.inf, math.inf)])
        start, end = next(swaps)
        for began, seconds in sorted(self.requests):
            while end < began:
                start, end = next(swaps)
            (during if began + seconds >= start else between).append(seconds)
        return during, between


class _Clients:
    """Clients that send a picture as soon as they have the answer to the one before."""

    def __init__(self, port: int, run: Run) -> None:
        self._port, self._run = port, run
        body = as_bytes()
        head = "POST /v1/predictions HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
        self._request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        self.ended = False

    async def send(self) -> None:
        """Send requests over one connection until ``ended`` is set."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        while not self.ended:
            began = time.perf_counter()
            writer.write(self._request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(re.findall(rb"(?i)content-length: (\d+)", head)[0])
            await reader.readexactly(length)
            if head.startswith(b"HTTP/1.1 200 "):
                self._run.requests.append((began, time.perf_counter() - began))
            else:
                self._run.failures += 1
        writer.close()


async def _measure(server: Server, directory: Path, swaps: int, connections: int) -> Run:
    run = Run()
    clients = _Clients(server.port, run)
    sending = [asyncio.create_task(clients.send()) for _ in range(connections)]
    for number in range(2, 2 + _WARM_UP + swaps):
        if number == 2 + _WARM_UP:
            run.memory.append(_memory(server))
        _add_version(directory, number)
        await asyncio.sleep(_PAUSE_SECONDS)
        began = time.perf_counter()
        for change in (f"load of {number}", f"unload of {number - 1}"):
            operation, _, version = change.split()
            path = f"/v2/repository/models/cnn/versions/{version}/{operation}"
            await asyncio.to_thread(_change, server.port, path)
        if number >= 2 + _WARM_UP:
            run.swaps.append((began, time.perf_counter()))
        shutil.rmtree(directory / "cnn" / str(number - 1))
    await asyncio.sleep(_PAUSE_SECONDS)
    run.memory.append(_memory(server))
    clients.ended = True
    results = await asyncio.gather(*sending, return_exceptions=True)
    run.failures += sum(isinstance(one, BaseException) for one in results)
    return run


def _change(port: int, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", path, headers={"Authorization": f"Bearer {_ADMIN_KEY}"})
    answer = connection.getresponse()
    if answer.status != 200:
        raise RuntimeError(f"{path}: expected status 200, got {answer.read().decode()}")
    connection.close()


def _add_version(directory: Path, number: int) -> None:
    """Add a version: the shipped cnn and cnn10 by turns, renamed when it is complete."""
    source = pretrained_dir() / ("cnn.safetensors" if number % 2 else "cnn10.safetensors")
    incomplete = directory / f"{number}.new"
    incomplete.mkdir()
    shutil.copy(source, incomplete / "model.safetensors")
    (directory / "cnn").mkdir(exist_ok=True)
    incomplete.rename(directory / "cnn" / str(number))


def _memory(server: Server) -> float:
    """Return the proportional memory (PSS) of all processes in MB."""
    total = 0
    for process in server.processes():
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
        total += int(re.findall(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)[0])
    return total / 1024


def _percentile(seconds: list[float]) -> float:
    """Return the 99th percentile."""
    return sorted(seconds)[int(0.99 * (len(seconds) - 1))] if seconds else math.nan


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.swap", description=__doc__)
    parser.add_argument("--swaps", type=int, default=50, help="swaps of each row (default: 50)")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="default: 1 2")
    parser.add_argument("--connections", type=int, default=8, help="connections (default: 8)")
    options = parser.parse_args()
    client, *others = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {client})
    print("| " + " | ".join(COLUMNS) + " |\n|" + "--:|" * len(COLUMNS))
    for workers in options.workers:
        with tempfile.TemporaryDirectory() as name:
            directory = Path(name)
            _add_version(directory, 1)
            settings: dict[str, Any] = {
                "DIGITS_WEIGHTS_DIR": name,
                "DIGITS_WORKERS": str(workers),
                "DIGITS_ADMIN_KEY": _ADMIN_KEY,
                "DIGITS_ACCESS_LOG": "0",
            }
            with serve(OURS, set(others) or {client}, **settings) as server:
                time.sleep(0.5)  # all workers have started
                measured = uvloop.run(
                    _measure(server, directory, options.swaps, options.connections)
                )
        print("| " + " | ".join(measured.row(workers)) + " |", flush=True)


if __name__ == "__main__":
    main()
