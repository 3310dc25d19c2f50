"""Training time per epoch, beside a minimal PyTorch loop, compiled JAX, and the notebook's loops.

Run with ``python -m benchmarks.training [--data DIR] [--repeat N]``. The systems take turns, and
the table shows medians. A system that is not installed is marked as such; the notebook's loops over
pixels run on a few images and are extrapolated.
"""

import argparse
from pathlib import Path

from benchmarks.data import load_or_exit
from benchmarks.pixel_loops import loop_epoch_seconds
from training.compare.comparison import notebook_images
from training.compare.measure import Row, measure
from training.compare.systems import DIGITSERVE, JAX, PYTORCH
from training.compare.workload import CNN, DNN, KERAS_CNN, Task
from training.data.dataset import Dataset

SYSTEMS = (DIGITSERVE, PYTORCH, JAX)


def print_row(row: Row) -> None:
    """Print the row of one system."""
    if row.epoch_seconds is None:
        print(f"| {row.work} | {row.system} | {row.how} | |")
    else:
        how = f"{row.system}, {row.how}"
        print(f"| {row.work} | {how} | {row.epoch_seconds:.3f} | {row.ratio or 0:.2f} |")


def print_loops(dataset: Dataset, ours: Row) -> None:
    """Print the extrapolated time of the notebook's loops for the CNN."""
    seconds = loop_epoch_seconds(dataset)
    ratio = seconds / (ours.epoch_seconds or seconds)
    print(f"| {ours.work} | loops over pixels, extrapolated | {seconds:.0f} | {ratio:.0f} |")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__)
    parser.add_argument("--data", type=Path, help="directory of MNIST (default: DIGITS_DATA)")
    parser.add_argument("--repeat", type=int, default=4, help="epochs of each system (default: 4)")
    arguments = parser.parse_args()
    dataset, test = notebook_images(load_or_exit(arguments.data))
    print(f"Training on {len(dataset):,} images; medians of the epochs after the first\n")
    print("| work | system | seconds per epoch | ratio to ours |\n|---|---|--:|--:|")
    for work in (DNN, KERAS_CNN, CNN):
        rows = measure(Task(work, dataset), test, SYSTEMS, repeat=arguments.repeat)
        for row in rows:
            print_row(row)
    print_loops(dataset, rows[0])


if __name__ == "__main__":
    main()
