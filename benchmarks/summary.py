"""All benchmarks with a ratio to a peer or a limit, briefly, and one table of the ratios.

Run with ``python -m benchmarks.summary [--data DIR]``, or ``make bench``: in under ten minutes on
two cores without other work. Each part is a benchmark of its own with fewer rounds; run that alone
for more of them. One thread computes on one core; at the load tests the client has the other core.
"""

import argparse
import os
import platform
import time
from collections.abc import Callable, Iterable
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# Both before NumPy is imported.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

from threadpoolctl import threadpool_info

from benchmarks import (
    inference,
    large,
    log_line,
    open_inference,
    serving,
    start,
    training,
    whole_command,
)
from benchmarks.data import load_or_exit
from benchmarks.table import HEADING, Row, print_rows
from training.data.mnist import data_directory

PACKAGES = ("numpy", "onnxruntime", "torch", "jax", "keras", "fastapi", "pydantic", "uvicorn")

LOAD_TESTS = {"start", "large", "serving", "log_line", "open_inference"}
ROUNDS, SECONDS = 3, 2


def parts(data: Path) -> dict[str, Callable[[], Iterable[Row]]]:
    """Return the parts by the names of their modules, in the order in which they run."""
    return {
        "inference": partial(inference.rows, 5),
        "start": partial(start.rows, 5),
        "large": partial(large.rows, ROUNDS),
        "serving": partial(serving.rows, ROUNDS, SECONDS),
        "log_line": log_line.rows,
        "open_inference": partial(open_inference.rows, ROUNDS, SECONDS),
        "whole_command": partial(whole_command.rows, data, 1, 1),
        "training": partial(training.rows, data, 3),  # last: after JAX has threads, no forks
    }


def machine() -> list[str]:
    """Return the machine, its load at this moment, and the versions that are measured."""
    kernels = {
        f"{one['internal_api']} {one['version']} for {one.get('architecture', '?')}"
        for one in threadpool_info()
        if one["user_api"] == "blas"
    }
    return [
        f"{_processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
        f"Python {platform.python_version()}, BLAS: {', '.join(sorted(kernels))}",
        ", ".join(f"{name} {_version(name)}" for name in PACKAGES),
    ]


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.machine())


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def print_summary(described: list[str], measured: dict[str, list[Row]]) -> None:
    """Print the rows that have a ratio, with the module that measures each again."""
    print("\n## Summary\n")
    for line in described:
        print(f"- {line}")
    print(f"\n{HEADING}")
    for name, rows in measured.items():
        for row in rows:
            if row.ratio:
                print(Row(f"{name}: {row.work}", row.measured, row.ratio))


def main() -> None:
    """Run all parts, and print the summary."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.summary", description=__doc__)
    parser.add_argument("--data", type=Path, help="directory of MNIST (default: DIGITS_DATA)")
    argument: Path | None = parser.parse_args().data
    load_or_exit(argument)  # else a part would end with its error minutes later
    data = data_directory(argument)
    described, measured = machine(), {}
    cores = os.sched_getaffinity(0)
    for name, run in parts(data).items():
        if name in LOAD_TESTS and (lacks := serving.missing()):
            print(f"{name}: {lacks}")
            continue
        print(f"\n## {name}\n")
        began = time.perf_counter()
        inference.pin()
        measured[name] = print_rows(run())
        os.sched_setaffinity(0, cores)
        print(f"\n{time.perf_counter() - began:.0f} s")
    print_summary(described, measured)


if __name__ == "__main__":
    main()
