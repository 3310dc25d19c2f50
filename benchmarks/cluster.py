"""The service and the command on a Ray cluster of two nodes, beside both without Ray.

Run with ``.venv-scale/bin/python -m benchmarks.cluster`` (``make scale`` makes the environment).
Programs: wrk. Two worker processes and two replicas behind HAProxy share both cores with wrk and
take turns, so compare the processor time, which is that of all processes of the cluster. For Ray's
own proxy: ``RAY_SERVE_ENABLE_HA_PROXY=0 RAY_SERVE_THROUGHPUT_OPTIMIZED=0`` before the command,
``--pictures 0`` after it.
"""

import argparse
import os
import re
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from benchmarks.folder import Run, run_command, write_pictures
from benchmarks.load import Body, Load, send
from benchmarks.servers import OURS, process_seconds, serve
from benchmarks.serving import BATCH, BATCH_SIZE, BOTH, RAW
from tests.deploy.ray.cluster import REPLICA, TwoNodes, two_nodes

_SAMPLE_SECONDS = 0.05

REQUESTS = (
    "| | plain, requests/s | Ray | ratio | plain, ms of processor time | Ray |\n"
    "|---|--:|--:|--:|--:|--:|"
)
FOLDERS = "| | seconds | pictures/s | processor time, us a picture |\n|---|--:|--:|--:|"


class Meter:
    """Processor time of all processes of the cluster, including ended ones."""

    def __init__(self, roots: list[int]) -> None:
        self._roots = roots
        self._seconds: dict[int, float] = {}

    def total(self) -> float:
        """Return the processor time until now, in seconds."""
        for process in descendants(self._roots):
            with suppress(OSError):
                self._seconds[process] = process_seconds(process)
        return sum(self._seconds.values())

    @contextmanager
    def sampling(self) -> Iterator[None]:
        """Read the processor time again and again while the block runs."""
        stop = threading.Event()

        def sample() -> None:
            while not stop.wait(_SAMPLE_SECONDS):
                self.total()

        thread = threading.Thread(target=sample)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def descendants(roots: list[int]) -> list[int]:
    """Return these processes and all that come from them."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(path.parent.name))
    found = [*roots]
    for process in found:
        found += children.get(process, [])
    return found


def megabytes(processes: list[int]) -> float:
    """Return the memory of processes, shared pages divided among their users (PSS)."""
    total = 0
    for process in processes:
        with suppress(OSError):
            text = Path(f"/proc/{process}/smaps_rollup").read_text()
            total += int(re.findall(r"^Pss:\s*(\d+) kB", text, re.MULTILINE)[0])
    return total / 1024


def compare_requests(cluster: TwoNodes, meter: Meter, rounds: int, seconds: int) -> None:
    """Print requests a second and processor time of a request, plain and on Ray."""
    print(f"\n{REQUESTS}")
    with serve(OURS, BOTH, DIGITS_WORKERS="2") as plain:
        systems: dict[str, tuple[int, Callable[[], float]]] = {
            "plain": (plain.port, plain.cpu_seconds),
            "Ray": (cluster.port, meter.total),
        }
        for name, body, path, connections in (
            ("small picture, 16 connections", RAW, "", 16),
            (f"batch of {BATCH_SIZE}, 4 connections", BATCH, "/batch", 4),
        ):
            measured: dict[str, list[tuple[float, float]]] = {name: [] for name in systems}
            for number in range(rounds + 1):  # the first warms up
                for system, (port, cpu) in systems.items():
                    before = cpu()
                    load = _send(port, path, body, seconds, connections)
                    one = (load.per_second, (cpu() - before) / load.requests * 1e3)
                    measured[system] += [one] * (number > 0)
            print(_row(name, measured["plain"], measured["Ray"]))


def _send(port: int, path: str, body: Body, seconds: int, connections: int) -> Load:
    url = f"http://127.0.0.1:{port}/v1/predictions{path}"
    return send(url, body, cores=BOTH, seconds=seconds, connections=connections)


def _row(name: str, plain: list[tuple[float, float]], ray: list[tuple[float, float]]) -> str:
    rates = [statistics.median(rate for rate, _ in one) for one in (plain, ray)]
    costs = [statistics.median(cost for _, cost in one) for one in (plain, ray)]
    ratio = rates[1] / rates[0]
    return (
        f"| {name} | {rates[0]:,.0f} | {rates[1]:,.0f} | {ratio:.2f} "
        f"| {costs[0]:.2f} | {costs[1]:.2f} |"
    )


def compare_folders(cluster: TwoNodes, meter: Meter, rounds: int, counts: list[int]) -> None:
    """Print seconds, pictures a second and processor time of the command, with and without Ray."""
    print(f"\n{FOLDERS}")
    for count in counts:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            write_pictures(folder, count)
            plain, ray = [], []
            for _ in range(rounds):
                plain.append(run_command(folder, "--jobs", "2"))
                ray.append(_run_on_ray(cluster, meter, folder))
        print(_folder_row(f"{count:,} pictures, --jobs 2", plain, count))
        print(_folder_row(f"{count:,} pictures, --ray", ray, count))


def _run_on_ray(cluster: TwoNodes, meter: Meter, folder: Path) -> Run:
    before = meter.total()
    with meter.sampling():
        run = run_command(folder, "--ray", cluster.address, "--jobs", "2")
    return replace(run, cpu_seconds=run.cpu_seconds + meter.total() - before)


def _folder_row(name: str, runs: list[Run], count: int) -> str:
    seconds = statistics.median(run.seconds for run in runs)
    cpu = statistics.median(run.cpu_seconds for run in runs) / count * 1e6
    return f"| {name} | {seconds:.1f} | {count / seconds:,.0f} | {cpu:,.0f} |"


def describe(cluster: TwoNodes, meter: Meter, roots: list[int]) -> None:
    """Print memory and processor time of the cluster without load."""
    replicas = [*cluster.actors(REPLICA, alive=True)]
    others = set(descendants(roots)) - set(replicas)
    before, began = meter.total(), time.perf_counter()
    time.sleep(5)
    idle = (meter.total() - before) / (time.perf_counter() - began)
    print(
        f"Without load: {idle:.2f} cores, {megabytes(replicas) / len(replicas):.0f} MB a replica, "
        f"{megabytes([*others]):,.0f} MB the {len(others)} other processes of both nodes"
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="of each (default: 3)")
    parser.add_argument(
        "--seconds", type=int, default=3, help="of each round (default: 3); 0 for none"
    )
    parser.add_argument(
        "--pictures", type=int, nargs="*", default=[10_000, 50_000], help="folders; 0 for none"
    )
    options = parser.parse_args()
    if not shutil.which("wrk"):
        print("Cluster: expected wrk in the PATH, got none; install Debian's package")
        return
    with two_nodes() as cluster:
        roots = descendants([os.getpid()])[1:]
        meter = Meter(roots)
        print(f"Load average {os.getloadavg()[0]:.1f}")
        describe(cluster, meter, roots)
        if options.seconds:
            compare_requests(cluster, meter, options.rounds, options.seconds)
        if any(options.pictures):
            compare_folders(cluster, meter, options.rounds, options.pictures)


if __name__ == "__main__":
    main()
