"""Inference time of conv16-pool-64-5 on one thread, beside PyTorch and ONNX Runtime.

Run with ``python -m benchmarks.inference [--rounds N]``. All three have the same weights and return
probabilities. They take turns, and the table shows medians of the rounds in microseconds per image;
a system that is not installed is marked as such.
"""

import argparse
import os
import statistics
import timeit
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np

from model_core.architectures import build
from model_core.parameter import Array
from training.recipes import DIGITS

Infer = Callable[[Array], Any]

# For each peer the package that it needs, and the location of its inference function.
PEERS = {
    "PyTorch": (("torch",), "benchmarks.peers.infer_pytorch", "pytorch"),
    "ONNX Runtime": (("onnxruntime", "onnx"), "benchmarks.peers.infer_onnx", "onnx_runtime"),
}

BATCHES = (1, 16, 256, 2500)
IMAGES_PER_ROUND = 5000


def compare(systems: dict[str, Infer | None], batch: int, rounds: int) -> None:
    """Print the rows of one batch size."""
    images = np.random.default_rng(0).random((batch, 14, 14), np.float32)
    installed = {name: infer for name, infer in systems.items() if infer}
    _check_agreement(installed, images)
    number = max(1, IMAGES_PER_ROUND // batch)
    times: dict[str, list[float]] = {name: [] for name in installed}
    for _ in range(rounds):
        for name, infer in installed.items():
            seconds = timeit.timeit(partial(infer, images), number=number)
            times[name].append(seconds / number / batch * 1e6)
    ours = statistics.median(times["digitserve"])
    for name in systems:
        if name not in times:
            print(f"| {batch:,} | {name} | not installed | |")
            continue
        median = statistics.median(times[name])
        print(f"| {batch:,} | {name} | {median:.2f} | {median / ours:.2f} |")


def _check_agreement(systems: dict[str, Infer], images: Array) -> None:
    """Raise RuntimeError if a system's probabilities differ from ours: it runs another network."""
    expected = systems["digitserve"](images)
    for name, infer in systems.items():
        distance = float(np.abs(np.asarray(infer(images)) - expected).max())
        if distance > 1e-5:
            raise RuntimeError(f"{name}: expected our probabilities, got some {distance:.1e} off")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.inference", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="of each system (default: 9)")
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    classifier = build("notebook-keras-cnn", labels=DIGITS, rng=rng)
    systems: dict[str, Infer | None] = {"digitserve": classifier.probabilities}
    for name, (packages, module, function) in PEERS.items():
        installed = all(map(find_spec, packages))
        systems[name] = getattr(import_module(module), function)(classifier) if installed else None
    print(f"Inference of conv16-pool-64-5, one thread, medians of {arguments.rounds} rounds\n")
    print("| batch | system | microseconds per image | ratio to ours |\n|--:|---|--:|--:|")
    for batch in BATCHES:
        compare(systems, batch, arguments.rounds)


if __name__ == "__main__":
    main()
