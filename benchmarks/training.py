"""Training time per epoch, beside a minimal PyTorch loop, compiled JAX, and the notebook's loops.

Run with ``python -m benchmarks.training [--data DIR] [--repeat N]``. The systems take turns, and
the table shows medians. A system that is not installed is marked as such; the notebook's loops over
pixels run on a few images and are extrapolated.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from benchmarks.data import load_or_exit
from benchmarks.pixel_loops import loop_epoch_seconds
from benchmarks.table import Row, print_rows
from training.compare.comparison import notebook_images
from training.compare.measure import Row as Measured
from training.compare.measure import measure
from training.compare.systems import DIGITSERVE, JAX, PYTORCH
from training.compare.workload import CNN, DNN, KERAS_CNN, Task

SYSTEMS = (DIGITSERVE, PYTORCH, JAX)


def rows(data: Path | None, repeat: int) -> Iterator[Row]:
    """Yield a row for each network and system, and one for the notebook's loops over pixels."""
    dataset, test = notebook_images(load_or_exit(data))
    for work in (DNN, KERAS_CNN, CNN):
        measured = measure(Task(work, dataset), test, SYSTEMS, repeat=repeat)
        yield from map(_row, measured)
    ours = measured[0].epoch_seconds or 1.0
    seconds = loop_epoch_seconds(dataset)
    name = f"{CNN.title}, loops over pixels, extrapolated"
    yield Row(name, f"{seconds:.0f} s an epoch", f"{seconds / ours:.0f} of ours")


def _row(one: Measured) -> Row:
    name = f"{one.work}, {one.system}, {one.how}"
    if one.epoch_seconds is None:
        return Row(name, "")
    ratio = "" if one.system == DIGITSERVE.name else f"{one.ratio or 0:.2f} of ours"
    return Row(name, f"{one.epoch_seconds:.3f} s an epoch", ratio)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__)
    parser.add_argument("--data", type=Path, help="directory of MNIST (default: DIGITS_DATA)")
    parser.add_argument("--repeat", type=int, default=4, help="epochs of each system (default: 4)")
    arguments = parser.parse_args()
    print("Training on the notebook's images; medians of the epochs after the first\n")
    print_rows(rows(arguments.data, arguments.repeat))


if __name__ == "__main__":
    main()
