"""Start of the service, and the memory of its processes.

Run with ``python -m benchmarks.start [--rounds N]``. The time to the first answer is beside the
import of the libraries that the service uses, which is the lowest it can be; both are processor
time. Memory is resident memory after some requests; that of a further worker counts shared pages in
proportion (PSS).
"""

import re
import resource
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.load import send
from benchmarks.servers import OURS, Server, serve
from benchmarks.serving import BOTH, CLIENT, RAW, parse_load_test
from benchmarks.table import Row, print_rows

LIBRARIES = "import numpy, PIL.Image, fastapi, structlog, uvicorn, uvloop"

WORKERS = 3


def rows(rounds: int) -> Iterator[Row]:
    """Yield the start and the memory of one process, and the memory of a further worker."""
    ready: list[float] = []
    used: list[float] = []
    memory: list[float] = []
    further: list[float] = []
    imports: list[float] = []
    for _ in range(rounds):
        imports.append(_import_seconds())
        with serve(OURS, BOTH) as server:
            ready.append(server.ready_seconds)
            used.append(server.cpu_seconds())
            _warm_up(server)
            memory.append(server.resident_bytes() / 1e6)
        with serve(OURS, BOTH, DIGITS_WORKERS=str(WORKERS)) as server:
            _warm_up(server)
            workers = server.processes()[1:]
            further.append(statistics.mean(map(proportional_bytes, workers)) / 1e6)
    yield Row("ready after start", f"{statistics.median(ready):.2f} s")
    seconds, least = statistics.median(used), statistics.median(imports)
    ratio = f"{seconds / least:.2f} of importing its libraries"
    yield Row("processor time of a start", f"{seconds:.2f} s", ratio)
    one, more = statistics.median(memory), statistics.median(further)
    yield Row("memory of a process", f"{one:.0f} MB")
    yield Row(f"memory of each of {WORKERS} workers", f"{more:.0f} MB", f"{more / one:.2f} of one")


def proportional_bytes(process: int) -> int:
    """Return the memory of a process, shared pages divided by the processes that share them."""
    text = Path(f"/proc/{process}/smaps_rollup").read_text()
    return int(re.findall(r"^Pss:\s*(\d+) kB", text, re.MULTILINE)[0]) * 1024


def _import_seconds() -> float:
    """Return the processor time of a process that imports the libraries."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", LIBRARIES], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _warm_up(server: Server) -> None:
    send(f"http://127.0.0.1:{server.port}/v1/predictions", RAW, cores=CLIENT, seconds=1)


def main() -> None:
    """Print the table."""
    arguments = parse_load_test("start", __doc__, rounds=9)
    print(f"Start and memory, medians of {arguments.rounds} starts\n")
    print_rows(rows(arguments.rounds))


if __name__ == "__main__":
    main()
