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

from app.api.openapi.examples import EXAMPLE_PNG
from benchmarks.load import Body, Load, form, send, send_when_ready
from benchmarks.photos import draw_photo, draw_sheet, in_flight
from benchmarks.servers import NOOP, OURS, PEERS, TYPICAL, Server, serve, serve_peer
from benchmarks.table import Row, print_rows

PICTURE = base64.b64decode(EXAMPLE_PNG)
RAW, FORM = Body(PICTURE, "image/png"), form("image", [PICTURE])
BATCH_SIZE = 64
BATCH = form("images", [PICTURE] * BATCH_SIZE)

# Sent to every server; only one asks for the key.
KEY = "a-key-of-sixteen-characters"
HEADERS = {"Authorization": f"Bearer {KEY}"}

OURS_SMALL = {"raw": "raw body", "raw with a key": "raw body with a key", "form": "form"}

PHOTOS = 4  # in flight

SERVER, CLIENT = {0}, {1}
BOTH = SERVER | CLIENT

Send = Callable[[Server, Body], Load]


def throughput(rounds: int, seconds: int) -> Iterator[Row]:
    """Yield the rows of one server process on one core: requests, images, latency."""
    with (
        serve(NOOP, SERVER) as noop,
        serve(OURS, SERVER) as ours,
        serve(OURS, SERVER, DIGITS_API_KEYS=KEY) as keyed,
        _typical() as typical,
    ):
        cases: dict[str, tuple[Server | None, Body, str]] = {
            "limit": (noop, RAW, ""),
            "raw": (ours, RAW, ""),
            "raw with a key": (keyed, RAW, ""),
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
                    load = send(
                        url_of(server, path), body, cores=CLIENT, seconds=seconds, headers=HEADERS
                    )
                    cost = (server.cpu_seconds() - before) / load.requests
                    loads[name] += [load] * (number > 0)
                    costs[name] += [cost * 1e6] * (number > 0)
    rate = {name: _median(*(load.per_second for load in all_)) for name, all_ in loads.items()}
    limit, typical_rate, raw = rate["limit"], rate["typical"], rate["raw"]
    yield Row("the limit: fixed JSON", f"{limit:,.0f} requests/s", "")
    typical_text = f"{typical_rate:,.0f} requests/s" if typical_rate else MISSING
    yield Row("typical service, form", typical_text)
    for name, what in OURS_SMALL.items():
        times = f", {rate[name] / typical_rate:.2f} of typical" if typical_rate else ""
        ratio = f"{rate[name] / limit:.3f} of the limit{times}"
        yield Row(what, f"{rate[name]:,.0f} requests/s", ratio)
    images = rate["batch"] * BATCH_SIZE
    yield Row(
        f"batch of {BATCH_SIZE}", f"{images:,.0f} images/s", f"{images / raw:.2f} of raw body"
    )
    for name, what in OURS_SMALL.items():
        cost, least = _median(*costs[name]), _median(*costs["limit"])
        times = f", {_median(*costs['typical']) / cost:.2f} of typical" if typical_rate else ""
        ratio = f"{least / cost:.3f} of the limit{times}"
        yield Row(f"processor time, {what}", f"{cost:.0f} µs, the limit {least:.0f} µs", ratio)
    for name in PEERS:
        yield from _peer(name, raw, rounds, seconds)
    p50, p99 = (_median(*(getattr(one, p) for one in loads["raw"])) for p in ("p50", "p99"))
    latencies = f"{p50:.2f} ms, {p99:.2f} ms"
    yield Row("raw body, 16 connections, p50 and p99", latencies, f"{p99 / p50:.2f}")


def _peer(name: str, raw: float, rounds: int, seconds: int) -> Iterator[Row]:
    """Yield the row of another server, measured alone on the same core after the others."""
    picture = base64.b64encode(PICTURE).decode()
    body = Body(json.dumps({"image": picture}).encode(), "application/json")
    with serve_peer(PEERS[name], SERVER) as server:
        if server is None:
            yield Row(name, f"not installed in .venv-{PEERS[name]}")
            return
        send_when_ready(url_of(server), body, cores=CLIENT)
        loads = [send(url_of(server), body, cores=CLIENT, seconds=seconds) for _ in range(rounds)]
    rate = _median(*(load.per_second for load in loads))
    yield Row(f"{name}, JSON", f"{rate:,.0f} requests/s", f"raw body: {raw / rate:.1f} of it")


def two_processes(rounds: int, seconds: int) -> Iterator[Row]:
    """Yield the processor time of a request with two workers, and its ratio to that with one."""
    used: dict[int, list[float]] = {1: [], 2: []}
    with (
        serve(OURS, BOTH) as one,
        serve(OURS, BOTH, DIGITS_WORKERS="2") as two,
    ):
        for number in range(rounds + 1):
            for workers, server in ((1, one), (2, two)):
                before = server.cpu_seconds()
                load = send(url_of(server), RAW, cores=BOTH, seconds=seconds)
                microseconds = (server.cpu_seconds() - before) / load.requests * 1e6
                used[workers] += [microseconds] * (number > 0)
    one_us, two_us = _median(*used[1]), _median(*used[2])
    yield Row(
        "two processes on two cores, processor time",
        f"{two_us:.0f} µs a request, one {one_us:.0f} µs",
        f"{two_us / one_us:.2f}",
    )


def rows(rounds: int, seconds: int) -> Iterator[Row]:
    """Yield all rows."""
    yield from throughput(rounds, seconds)
    yield from two_processes(rounds, seconds)
    yield from photos(rounds, seconds)


def photos(rounds: int, seconds: int) -> Iterator[Row]:
    """Yield the latency of small requests while photos or sheets of 12 megapixels are in flight."""
    with serve(OURS, SERVER) as server:
        small = url_of(server)
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
        yield Row(
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


def url_of(server: Server, path: str = "") -> str:
    """Return the URL of predictions, with this path behind it."""
    return f"http://127.0.0.1:{server.port}/v1/predictions{path}"


def _median(*values: float) -> float:
    return statistics.median(values) if values else 0.0


def missing() -> str | None:
    """Return what a load test needs and does not have."""
    if not shutil.which("wrk"):
        return "expected wrk in the PATH, got none; install Debian's package wrk"
    if not BOTH.issubset(os.sched_getaffinity(0)):
        return f"expected cores 0 and 1, got {sorted(os.sched_getaffinity(0))}"
    return None


def parse_load_test(module: str, purpose: str | None, **numbers: int) -> argparse.Namespace:
    """Parse the options of a load test, and move this process to the core of the clients.

    ``numbers`` are the options with their default values. Ends the process if it cannot run here.
    """
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{module}", description=purpose)
    for name, default in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default, help=f"(default: {default})")
    arguments = parser.parse_args()
    if problem := missing():
        raise SystemExit(f"{module}: {problem}")
    os.sched_setaffinity(0, CLIENT)
    return arguments


def main() -> None:
    """Print the table."""
    arguments = parse_load_test("serving", __doc__, rounds=5, seconds=3)
    print(f"Serving a PNG of 28x28, 16 connections, medians of {arguments.rounds} rounds")
    print(f"of {arguments.seconds} s, load average {os.getloadavg()[0]:.1f}\n")
    print_rows(rows(arguments.rounds, arguments.seconds))


if __name__ == "__main__":
    main()
