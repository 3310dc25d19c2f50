"""Time of each operation of an inference pass of the shipped ``cnn``, on one thread.

Run with ``python -m benchmarks.stages [--rounds N]``. The operations are those of the execution
plan, each repeated alone: medians of the rounds, in microseconds of processor time per image.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from functools import partial

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np

from benchmarks.inference import pin
from model_core.layers.plan import Operation
from model_core.network import BLOCK
from model_core.weights import load_weights, pretrained_dir

BATCHES = (1, BLOCK)
SECONDS = 0.02

# For each operation of the plan by its function, what it does.
CONVOLUTION = "convolutions: matrix products"
LINEAR = "linear layers: matrix products"
KINDS = {
    "copyto": "copying: rows of windows, bias, flattening",
    "matmul": CONVOLUTION,
    "dot": LINEAR,
    "add": "adding the bias",
    "maximum": "ReLU and max-pooling",
}


def seconds(operation: Callable[[], object], rounds: int) -> float:
    """Return the median processor time of an operation."""
    found = []
    for _ in range(rounds):
        count, began = 0, time.process_time()
        while time.process_time() - began < SECONDS:
            for _ in range(20):
                operation()
            count += 20
        found.append((time.process_time() - began) / count)
    return statistics.median(found)


def kind(operation: Operation, batch: int) -> str:
    """Return what an operation does; the products of a linear layer have a row for each image."""
    name, output = operation.func.__name__, operation.args[-1]
    if name == "dot" and len(output) != batch:
        return CONVOLUTION
    return LINEAR if name == "matmul" and output.ndim == 2 else KINDS[name]


def measure(batch: int, rounds: int) -> dict[str, float]:
    """Return the seconds of each kind of operation, and of the whole pass."""
    network = load_weights(pretrained_dir() / "cnn.safetensors").classifier.network
    images = np.random.default_rng(0).random((batch, 1, 14, 14), np.float32)
    network.forward(images)
    plan = network.plan(images.shape, images.dtype)
    totals = dict.fromkeys(KINDS.values(), 0.0)
    for operation in plan.operations:
        totals[kind(operation, batch)] += seconds(operation, rounds)
    totals["whole pass"] = seconds(partial(network.forward, images), rounds)
    return totals


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stages", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="of each operation (default: 7)")
    rounds = parser.parse_args().rounds
    pin()
    columns = [measure(batch, rounds) for batch in BATCHES]
    print("Microseconds per image in the shipped cnn, by batch\n")
    print("| operations | " + " | ".join(map(str, BATCHES)) + " |\n|---|" + "--:|" * len(BATCHES))
    for kind in columns[0]:
        cells = [column[kind] / batch * 1e6 for column, batch in zip(columns, BATCHES, strict=True)]
        print(f"| {kind} | " + " | ".join(f"{cell:.1f}" for cell in cells) + " |")


if __name__ == "__main__":
    main()
