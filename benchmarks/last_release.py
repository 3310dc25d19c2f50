"""The service beside another version of it, in one run: throughput, time to answer, memory.

Run with ``python -m benchmarks.last_release DIRECTORY [--rounds N] [--seconds S]``, DIRECTORY being
a checkout of the other version: ``git worktree add ../last 8cc3034``. Both run with this Python,
each server on one core, wrk on the other, by turns; the table has medians of the rounds and of the
ratios in each round. Processor time is less disturbed by other work on the machine than throughput.
"""

import argparse
import os
import shutil
import statistics
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.load import Body, Load, send
from benchmarks.photos import draw_photo, in_flight
from benchmarks.servers import NOOP, OURS, Server, serve
from benchmarks.serving import BATCH, CLIENT, FORM, HEADERS, KEY, PHOTOS, RAW, SERVER

PREDICTIONS = "/v1/predictions"

SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "key": {"DIGITS_API_KEYS": KEY},
    "host": {"DIGITS_TRUSTED_HOSTS": "127.0.0.1"},
}


@dataclass(frozen=True, slots=True)
class Case:
    """A load on this version, and the load on the other one that it is compared with."""

    name: str
    body: Body = RAW
    path: str = PREDICTIONS
    settings: str = "plain"
    headers: Mapping[str, str] = field(default_factory=dict)
    connections: int = 16
    like: str = ""  # the name of the other version's case, if it is not the same


VERSIONS = ("ours", "other")

CASES = [
    Case("raw body"),
    Case("form", FORM),
    Case("raw body, 64 connections", connections=64),
    Case("one API key", settings="key", headers=HEADERS, like="raw body"),
    Case("?model=cnn", path=f"{PREDICTIONS}?model=cnn", like="raw body"),
    Case("a trusted host", settings="host", like="raw body"),
    Case("?model=dnn", path=f"{PREDICTIONS}?model=dnn", like="raw body"),
    Case("batch of 64", BATCH, f"{PREDICTIONS}/batch"),
]


@dataclass(slots=True)
class Rounds:
    """What was measured in each round."""

    per_second: list[float] = field(default_factory=list)
    microseconds: list[float] = field(default_factory=list)  # of processor time


def compare_loads(directory: Path, rounds: int, seconds: int) -> None:
    """Print throughput and processor time of each case, and their ratios."""
    with _servers(directory) as servers, serve(NOOP, SERVER) as limit:
        measured = {(version, case.name): Rounds() for version in VERSIONS for case in CASES}
        for number in range(rounds + 1):  # the first warms up
            limit_rate = _measure(limit, Case("limit"), seconds)[0].per_second
            for case in CASES:
                for version in VERSIONS:
                    row = measured[version, case.name]
                    sent = next(one for one in CASES if one.name == (case.like or case.name))
                    sent = case if version == "ours" else sent
                    load, cost = _measure(servers[version, sent.settings], sent, seconds)
                    if number:
                        row.per_second.append(load.per_second / limit_rate)
                        row.microseconds.append(cost)
    for case in CASES:
        ours, other = measured["ours", case.name], measured["other", case.name]
        values = (ours.per_second, other.per_second)
        _row(f"{case.name}, share of the no-op limit", *values, like=case.like)
        values = (ours.microseconds, other.microseconds)
        _row(f"{case.name}, processor time in µs", *values, like=case.like)


def compare_photos(directory: Path, rounds: int, seconds: int) -> None:
    """Print the p99 of small requests beside photos, and its ratio."""
    photo = draw_photo()
    p99: dict[str, list[float]] = {"ours": [], "other": []}
    with serve(OURS, SERVER) as ours, serve(OURS, SERVER, directory=directory) as other:
        for _ in range(rounds):
            for version, server in (("ours", ours), ("other", other)):
                with in_flight(_url(server, PREDICTIONS), photo, PHOTOS):
                    p99[version].append(_measure(server, CASES[0], seconds)[0].p99)
    name = f"p99 beside {PHOTOS} photos of 12 megapixels, ms"
    _row(name, p99["ours"], p99["other"])


def compare_starts(directory: Path, rounds: int) -> None:
    """Print the seconds of a start and the memory after some requests, and their ratios."""
    seconds: dict[str, list[float]] = {"ours": [], "other": []}
    memory: dict[str, list[float]] = {"ours": [], "other": []}
    for _ in range(rounds):
        for version, place in (("ours", None), ("other", directory)):
            with serve(OURS, SERVER, directory=place) as server:
                seconds[version].append(server.ready_seconds)
                _measure(server, CASES[0], 1)
                memory[version].append(server.resident_bytes() / 1e6)
    for name, values in (("ready after start, s", seconds), ("memory, MB", memory)):
        _row(name, values["ours"], values["other"])


@contextmanager
def _servers(directory: Path) -> Iterator[dict[tuple[str, str], Server]]:
    """Run this version with each of the settings, and the other one with the plain ones."""
    with ExitStack() as stack:
        servers = {
            ("ours", name): stack.enter_context(serve(OURS, SERVER, **settings))
            for name, settings in SETTINGS.items()
        }
        other = serve(OURS, SERVER, directory=directory)
        servers["other", "plain"] = stack.enter_context(other)
        yield servers


def _measure(server: Server, case: Case, seconds: int) -> tuple[Load, float]:
    """Return the load on a server, and the processor time of a request in microseconds."""
    before = server.cpu_seconds()
    load = send(
        _url(server, case.path),
        case.body,
        cores=CLIENT,
        seconds=seconds,
        connections=case.connections,
        headers=case.headers,
    )
    return load, (server.cpu_seconds() - before) / load.requests * 1e6


def _url(server: Server, path: str) -> str:
    return f"http://127.0.0.1:{server.port}{path}"


def _row(name: str, ours: list[float], other: list[float], like: str = "") -> None:
    ratio = statistics.median(a / b for a, b in zip(ours, other, strict=True))
    medians = [f"{statistics.median(values):.3g}" for values in (ours, other)]
    note = f" ({like})" if like else ""
    print(f"| {name} | {medians[0]} | {medians[1]}{note} | {ratio:.3f} |", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.last_release", description=__doc__)
    parser.add_argument("directory", type=Path, help="a checkout of the other version")
    parser.add_argument("--rounds", type=int, default=5, help="of each (default: 5)")
    parser.add_argument("--seconds", type=int, default=2, help="of each round (default: 2)")
    arguments = parser.parse_args()
    if not (arguments.directory / "app").is_dir():
        parser.error(f"DIRECTORY: expected a checkout with app/, got {arguments.directory}")
    if not shutil.which("wrk"):
        parser.error("expected wrk in the PATH, got none; install Debian's package wrk")
    if not (SERVER | CLIENT).issubset(os.sched_getaffinity(0)):
        parser.error(f"expected cores 0 and 1, got {sorted(os.sched_getaffinity(0))}")
    os.sched_setaffinity(0, CLIENT)
    print("| | this version | the other | ratio |\n|---|--:|--:|--:|")
    compare_loads(arguments.directory, arguments.rounds, arguments.seconds)
    compare_photos(arguments.directory, arguments.rounds, arguments.seconds)
    compare_starts(arguments.directory, arguments.rounds)


if __name__ == "__main__":
    main()
