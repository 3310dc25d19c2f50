"""Instances behind HAProxy: throughput, latency and processor time of a request.

Run with ``python -m benchmarks.balancer [--rounds N] [--seconds S]``. Programs: wrk, haproxy. One
instance and wrk have a core each; with two instances, and with two workers, all programs share both
cores, so compare the processor time there. The cases take turns; the table has medians.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import Load, send
from benchmarks.servers import OURS, Server, free_port, process_seconds, serve
from benchmarks.serving import BATCH, BATCH_SIZE, BOTH, CLIENT, RAW, SERVER

CONFIG = Path(__file__).parent.parent / "deploy" / "haproxy" / "haproxy.cfg"
HEADINGS = (
    "| | requests/s | p50 | p99 | µs a request: service | HAProxy |\n|---|--:|--:|--:|--:|--:|"
)


@dataclass(frozen=True, slots=True)
class Case:
    """A way to reach instances, and the cores of wrk; ``balancer`` is a process id or None."""

    name: str
    port: int
    servers: list[Server]
    cores: set[int]
    balancer: int | None = None

    def cpu_seconds(self) -> tuple[float, float]:
        """Return the processor time of the instances and of the balancer."""
        balancer = process_seconds(self.balancer) if self.balancer else 0.0
        return sum(one.cpu_seconds() for one in self.servers), balancer


@dataclass(frozen=True, slots=True)
class Round:
    """One measurement. Units: processor time of a request in microseconds."""

    load: Load
    service: float
    balancer: float


@contextmanager
def haproxy(servers: list[Server], cores: set[int]) -> Iterator[tuple[int, int]]:
    """Run HAProxy with the shipped configuration; yield its port and process id."""
    port = free_port()
    ports = [8001, 8002, 8003]
    text = CONFIG.read_text().replace("127.0.0.1:8000\n", f"127.0.0.1:{port}\n")
    text = text.replace("127.0.0.1:8404\n", f"127.0.0.1:{free_port()}\n")
    for old, server in zip(ports, servers, strict=False):
        text = text.replace(f"127.0.0.1:{old}\n", f"127.0.0.1:{server.port}\n")
    lines = [line for line in text.splitlines() if not line.endswith(_left_out(ports, servers))]
    with tempfile.NamedTemporaryFile("w", suffix=".cfg") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        process = subprocess.Popen(
            ["haproxy", "-db", "-f", file.name],
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
            stderr=subprocess.DEVNULL,
        )
        try:
            time.sleep(1)  # until it has checked the instances
            yield port, process.pid
        finally:
            process.kill()
            process.wait()


def _left_out(ports: list[int], servers: list[Server]) -> tuple[str, ...]:
    return tuple(f" 127.0.0.1:{port}" for port in ports[len(servers) :])


def measure(case: Case, seconds: int, *, batches: bool) -> Round:
    """Send for some seconds."""
    before = case.cpu_seconds()
    url = f"http://127.0.0.1:{case.port}/v1/predictions" + ("/batch" if batches else "")
    body, connections = (BATCH, 4) if batches else (RAW, 16)
    load = send(url, body, cores=case.cores, seconds=seconds, connections=connections)
    service, balancer = (
        (new - old) / load.requests * 1e6
        for new, old in zip(case.cpu_seconds(), before, strict=True)
    )
    return Round(load, service, balancer)


@contextmanager
def cases() -> Iterator[list[Case]]:
    """Run all instances and balancers; only one case is measured at a time."""
    with (
        serve(OURS, SERVER) as alone,
        serve(OURS, BOTH) as first,
        serve(OURS, BOTH) as second,
        serve(OURS, BOTH, DIGITS_WORKERS="2") as workers,
        haproxy([alone], CLIENT) as (port_of_one, one),
        haproxy([first, second], BOTH) as (port_of_two, two),
    ):
        yield [
            Case("1 instance", alone.port, [alone], CLIENT),
            Case("1 instance, HAProxy", port_of_one, [alone], CLIENT, one),
            Case("2 instances, HAProxy", port_of_two, [first, second], BOTH, two),
            Case("1 instance, 2 workers", workers.port, [workers], BOTH),
        ]


def row(name: str, rounds: list[Round], images: int) -> str:
    """Return a row of the table: medians."""
    loads = [one.load for one in rounds]
    rate = statistics.median(one.per_second for one in loads) * images
    p50, p99 = (statistics.median(getattr(one, p) for one in loads) for p in ("p50", "p99"))
    service = statistics.median(one.service for one in rounds) / images
    balancer = statistics.median(one.balancer for one in rounds) / images
    cost = f"{balancer:.0f}" if balancer else ""
    return f"| {name} | {rate:,.0f} | {p50:.1f} ms | {p99:.1f} ms | {service:.0f} | {cost} |"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.balancer", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="of each (default: 5)")
    parser.add_argument("--seconds", type=int, default=2, help="of each round (default: 2)")
    arguments = parser.parse_args()
    for program in ("wrk", "haproxy"):
        if not shutil.which(program):
            print(f"Balancer: expected {program} in the PATH, got none; install Debian's package")
            return
    if not BOTH.issubset(os.sched_getaffinity(0)):
        print(f"Balancer: expected cores 0 and 1, got {sorted(os.sched_getaffinity(0))}")
        return
    print(
        f"16 connections, medians of {arguments.rounds} rounds of {arguments.seconds} s, by turns,"
    )
    print(f"load average {os.getloadavg()[0]:.1f}")
    with cases() as found:
        for batches, images, what in (
            (False, 1, "raw body"),
            (True, BATCH_SIZE, "batch of 64: images"),
        ):
            measured: dict[str, list[Round]] = {case.name: [] for case in found}
            for number in range(arguments.rounds + 1):  # the first warms up
                for case in found:
                    result = measure(case, arguments.seconds, batches=batches)
                    measured[case.name] += [result] * (number > 0)
            print(f"\n{what}\n\n{HEADINGS}")
            for name, rounds in measured.items():
                print(row(name, rounds, images))


if __name__ == "__main__":
    main()
