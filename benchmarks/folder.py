"""A folder of pictures by `digitserve predict`, beside batches that are sent to one process.

Run with ``python -m benchmarks.folder``. All rows have the same pictures, MNIST's as PNG files, and
take turns, so that other work of the machine meets all of them. The service gets batches of 64 over
two connections, from bodies that are made before; the command also lists the folder, reads the
files and writes the CSV.
"""

import argparse
import http.client
import itertools
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from benchmarks.load import Body, form
from benchmarks.servers import OURS, Server, serve
from training.data.load import load_mnist

_BATCH, _CONNECTIONS = 64, 2

HEADINGS = (
    "| system | pictures/s | processor time, us a picture | peak memory, MB |\n|---|--:|--:|--:|"
)


@dataclass(frozen=True, slots=True)
class Run:
    """A run: duration and processor time in seconds, peak memory of the largest process in MB."""

    seconds: float
    cpu_seconds: float
    megabytes: float


def write_pictures(folder: Path, count: int) -> list[bytes]:
    """Write MNIST's images as PNG files, again and again; return the files' first batches."""
    images = itertools.cycle(load_mnist(None).train_images)
    for number, image in zip(range(count), images, strict=False):
        Image.fromarray(image).save(folder / f"{number:07}.png")
    paths = sorted(folder.iterdir())[: 64 * _BATCH]
    return [path.read_bytes() for path in paths]


def run_command(folder: Path, *options: str) -> Run:
    """Run the command once on a folder, with these options."""
    with tempfile.TemporaryDirectory() as place:
        table = Path(place) / "table.csv"
        arguments = ["predict", str(folder), "--csv", str(table), *options]
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", OURS, *arguments], stderr=subprocess.DEVNULL
        )
        megabytes = 0.0
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            with suppress(IndexError, OSError):  # it has just ended
                megabytes = max(megabytes, _peak_megabytes(process.pid))
            time.sleep(0.05)
        _, status, usage = ended
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"digitserve predict: expected exit code 0, got {status}")
    cpu_seconds = usage.ru_utime + usage.ru_stime
    return Run(time.perf_counter() - began, cpu_seconds, megabytes)


def _peak_megabytes(process: int) -> float:
    """Return the peak memory of a process; ``wait4`` would have that of its parent, if larger."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.findall(r"VmHWM:\s*(\d+) kB", status)[0]) / 1024


def send_batches(server: Server, bodies: list[Body], count: int) -> Run:
    """Send batches to a running server."""
    batches = list(itertools.islice(itertools.cycle(bodies), count // _BATCH))
    parts = [batches[first::_CONNECTIONS] for first in range(_CONNECTIONS)]
    began, before = time.perf_counter(), server.cpu_seconds()
    with ThreadPoolExecutor(_CONNECTIONS) as threads:
        list(threads.map(lambda part: _send(server.port, part), parts))
    seconds = time.perf_counter() - began
    return Run(seconds, server.cpu_seconds() - before, server.resident_bytes() / 2**20)


def _send(port: int, bodies: list[Body]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for body in bodies:
        headers = {"Content-Type": body.content_type}
        connection.request("POST", "/v1/predictions/batch", body.content, headers)
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise RuntimeError(f"batch: expected 200, got {response.status}")
    connection.close()


def row(name: str, runs: list[Run], count: int) -> str:
    """Return the row of the medians of some runs."""
    rate = count / statistics.median(run.seconds for run in runs)
    cpu = statistics.median(run.cpu_seconds for run in runs) / count * 1e6
    return f"| {name} | {rate:,.0f} | {cpu:.0f} | {max(run.megabytes for run in runs):.0f} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.folder", description=__doc__)
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    count = options.pictures
    with tempfile.TemporaryDirectory() as place, serve(OURS, os.sched_getaffinity(0)) as server:
        folder = Path(place)
        files = write_pictures(folder, count)
        bodies = [form("images", list(files[at : at + _BATCH])) for at in range(0, len(files), 64)]
        systems: dict[str, Callable[[], Run]] = {
            "POST /v1/predictions/batch to one process": lambda: send_batches(
                server, bodies, count
            ),
            "digitserve predict FOLDER": lambda: run_command(folder),
            "digitserve predict FOLDER --jobs 2": lambda: run_command(folder, "--jobs", "2"),
        }
        send_batches(server, bodies, count // 10)
        runs: dict[str, list[Run]] = {name: [] for name in systems}
        for _ in range(options.rounds):
            for name, measure in systems.items():
                runs[name].append(measure())
    print(HEADINGS)
    for name, of_system in runs.items():
        print(row(name, of_system, count))


if __name__ == "__main__":
    main()
