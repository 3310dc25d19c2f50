"""Load test of the service, beside a no-op service and a typical service.

Run with ``python -m benchmarks.serving [--rounds N] [--seconds S]``. The server has one core, wrk
the other; the systems take turns, and the table shows medians of the rounds. The limit is a
route that reads the body and answers with fixed JSON, the typical service FastAPI with PyTorch.
"""

import argparse
import base64
import json
import os
import shutil
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from app.api.openapi import EXAMPLE_PNG
from benchmarks.load import Body, Load, form, send, send_when_ready
from benchmarks.photos import draw_photo, draw_sheet, in_flight
from benchmarks.servers import NOOP, OURS, PEERS, TYPICAL, Server, serve, serve_peer

PICTURE = base64.b64decode(EXAMPLE_PNG)
RAW, FORM = Body(PICTURE, "image/png"), form("image", [PICTURE])
BATCH_SIZE = 64
BATCH = form("images", [PICTURE] * BATCH_SIZE)

PHOTOS = 4  # in flight

SERVER, CLIENT = {0}, {1}
BOTH = SERVER | CLIENT

Send = Callable[[Server, Body], Load]


def throughput(rounds: int, seconds: int) -> None:
    """Print the rows of one server process on one core: requests, images, latency."""
    with serve(NOOP, SERVER) as noop, serve(OURS, SERVER) as ours, _typical() as typical:
        cases = {
            "limit": (noop, RAW, ""),
            "raw": (ours, RAW, ""),
            "typical": (typical, FORM, ""),
            "form": (ours, FORM, ""),
            "batch": (ours, BATCH, "/batch"),
        }
        loads: dict[str, list[Load]] = {name: [] for name in cases}
        costs: dict[str, list[float]] = {name: [] for name in cases}
        for number in range(rounds + 1):  # the first warms up
            for name, (server, body, path) in cases.items():
                if server:
                    before = server.cpu_seconds()
                    load = send(_url(server, path), body, cores=CLIENT, seconds=seconds)
                    cost = (server.cpu_seconds() - before) / load.requests
                    loads[name] += [load] * (number > 0)
                    costs[name] += [cost * 1e6] * (number > 0)
    rate = {name: _median(*(load.per_second for load in all_)) for name, all_ in loads.items()}
    limit, typical_rate, raw = rate["limit"], rate["typical"], rate["raw"]
    _row("the limit: fixed JSON", f"{limit:,.0f} requests/s", "")
    _row("typical service, form", f"{typical_rate:,.0f} requests/s" if typical_rate else MISSING)
    for name, what in (("raw", "raw body"), ("form", "form")):
        times = f", {rate[name] / typical_rate:.2f} of typical" if typical_rate else ""
        ratio = f"{rate[name] / limit:.3f} of the limit{times}"
        _row(what, f"{rate[name]:,.0f} requests/s", ratio)
    images = rate["batch"] * BATCH_SIZE
    _row(f"batch of {BATCH_SIZE}", f"{images:,.0f} images/s", f"{images / raw:.2f} of raw body")
    for name, what in (("raw", "raw body"), ("form", "form")):
        cost, least = _median(*costs[name]), _median(*costs["limit"])
        times = f", {_median(*costs['typical']) / cost:.2f} of typical" if typical_rate else ""
        ratio = f"{least / cost:.3f} of the limit{times}"
        _row(f"processor time, {what}", f"{cost:.0f} µs, the limit {least:.0f} µs", ratio)
    for name in PEERS:
        _peer(name, raw, rounds, seconds)
    p50, p99 = (_median(*(getattr(one, p) for one in loads["raw"])) for p in ("p50", "p99"))
    _row("raw body, 16 connections, p50 and p99", f"{p50:.2f} ms, {p99:.2f} ms", f"{p99 / p50:.2f}")


def _peer(name: str, raw: float, rounds: int, seconds: int) -> None:
    """Print the row of another server, measured alone on the same core after the others."""
    picture = base64.b64encode(PICTURE).decode()
    body = Body(json.dumps({"image": picture}).encode(), "application/json")
    with serve_peer(PEERS[name], SERVER) as server:
        if server is None:
            _row(name, f"not installed in .venv-{PEERS[name]}")
            return
        send_when_ready(_url(server), body, cores=CLIENT)
        loads = [send(_url(server), body, cores=CLIENT, seconds=seconds) for _ in range(rounds)]
    rate = _median(*(load.per_second for load in loads))
    _row(f"{name}, JSON", f"{rate:,.0f} requests/s", f"raw body: {raw / rate:.1f} of it")


def two_processes(rounds: int, seconds: int) -> None:
    """Print the processor time of a request with two workers, and its ratio to that with one."""
    used: dict[int, list[float]] = {1: [], 2: []}
    with (
        serve(OURS, BOTH) as one,
        serve(OURS, BOTH, DIGITS_WORKERS="2") as two,
    ):
        for number in range(rounds + 1):
            for workers, server in ((1, one), (2, two)):
                before = server.cpu_seconds()
                load = send(_url(server), RAW, cores=BOTH, seconds=seconds)
                microseconds = (server.cpu_seconds() - before) / load.requests * 1e6
                used[workers] += [microseconds] * (number > 0)
    one_us, two_us = _median(*used[1]), _median(*used[2])
    _row(
        "two processes on two cores, processor time",
        f"{two_us:.0f} µs a request, one {one_us:.0f} µs",
        f"{two_us / one_us:.2f}",
    )


def start(rounds: int) -> None:
    """Print the start time, and the memory of a process after some requests."""
    seconds, memory = [], []
    for _ in range(rounds):
        with serve(OURS, BOTH) as server:
            seconds.append(server.ready_seconds)
            send(_url(server), RAW, cores=CLIENT, seconds=1)
            memory.append(server.resident_bytes() / 1e6)
    _row("ready after start", f"{_median(*seconds):.2f} s", "")
    _row("memory of a process", f"{_median(*memory):.0f} MB", "")


def photos(rounds: int, seconds: int) -> None:
    """Print the latency of small requests while photos or sheets of 12 megapixels are in flight."""
    with serve(OURS, SERVER) as server:
        small = _url(server)
        sheets = small.replace("predictions", "sheets")
        others = {"photos": (small, draw_photo()), "sheets": (sheets, draw_sheet())}
        alone: list[float] = []
        beside: dict[str, list[float]] = {name: [] for name in others}
        for _ in range(rounds):
            alone.append(send(small, RAW, cores=CLIENT, seconds=seconds).p99)
            for name, (url, data) in others.items():
                with in_flight(url, data, PHOTOS):
                    beside[name].append(send(small, RAW, cores=CLIENT, seconds=seconds).p99)
    for name, times in beside.items():
        _row(
            f"small requests' p99 beside {PHOTOS} {name} of 12 megapixels",
            f"{_median(*times):.1f} ms, alone {_median(*alone):.1f} ms",
            f"{_median(*times) / _median(*alone):.1f}",
        )


@contextmanager
def _typical() -> Iterator[Server | None]:
    """Run the typical service, if its packages are installed."""
    if not find_spec("torch"):
        yield None
        return
    with serve(TYPICAL, SERVER) as server:
        yield server


MISSING = "PyTorch is not installed"


def _url(server: Server, path: str = "") -> str:
    return f"http://127.0.0.1:{server.port}/v1/predictions{path}"


def _median(*values: float) -> float:
    return statistics.median(values) if values else 0.0


def _row(what: str, value: str, ratio: str = "") -> None:
    print(f"| {what} | {value} | {ratio} |", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="of each (default: 5)")
    parser.add_argument("--seconds", type=int, default=3, help="of each round (default: 3)")
    arguments = parser.parse_args()
    if not shutil.which("wrk"):
        print("Serving: expected wrk in the PATH, got none; install Debian's package wrk")
        return
    if not BOTH.issubset(os.sched_getaffinity(0)):
        print(f"Serving: expected cores 0 and 1, got {sorted(os.sched_getaffinity(0))}")
        return
    os.sched_setaffinity(0, CLIENT)
    print(f"Serving a PNG of 28x28, 16 connections, medians of {arguments.rounds} rounds")
    print(f"of {arguments.seconds} s, load average {os.getloadavg()[0]:.1f}\n")
    print("| | measured | ratio |\n|---|--:|---|")
    throughput(arguments.rounds, arguments.seconds)
    two_processes(arguments.rounds, arguments.seconds)
    start(arguments.rounds)
    photos(arguments.rounds, arguments.seconds)


if __name__ == "__main__":
    main()
