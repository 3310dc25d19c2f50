"""Inference time on one thread of one core, beside PyTorch and ONNX Runtime.

Run with ``python -m benchmarks.inference [--rounds N]``. The networks are conv16-pool-64-5, which
is the notebook's CNN, and the shipped cnn and dnn; ONNX Runtime has the layers as
`python -m training export` writes them. A pass is one view of each image. All systems have the same
weights and return probabilities. They take turns, and the table shows medians of the rounds, in
microseconds of processor time per image; a system that is not installed is left out.
"""

import argparse
import os
import statistics
import time
import timeit
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np

from benchmarks.table import Row, print_rows
from model_core.architectures import build
from model_core.classifier import Classifier
from model_core.parameter import Array
from model_core.weights import load_weights, pretrained_dir
from training.recipes import DIGITS

Infer = Callable[[Array], Any]

# For each peer the package that it needs, and the location of its inference function.
PEERS = {
    "PyTorch": (("torch",), "benchmarks.peers.infer_pytorch", "pytorch"),
    "ONNX Runtime": (("onnxruntime", "onnx"), "benchmarks.peers.infer_onnx", "onnx_runtime"),
}

BATCHES = (1, 16, 256, 2500)
IMAGES_PER_ROUND = 5000
NOTEBOOK, SHIPPED = "conv16-pool-64-5", ("cnn", "dnn")


def rows(rounds: int) -> Iterator[Row]:
    """Yield a row for each network, batch size and system."""
    for name in (NOTEBOOK, *SHIPPED):
        installed = systems(name)
        for batch in BATCHES:
            times = measure(installed, batch, rounds)
            for system, microseconds in times.items():
                share = f"{microseconds / times['digitserve']:.2f} of ours"
                ratio = "" if system == "digitserve" else share
                yield Row(f"{name}, batch {batch:,}, {system}", f"{microseconds:.2f} µs", ratio)


def pin() -> None:
    """Run on one core from here on."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def systems(network: str) -> dict[str, Infer]:
    """Return the inference function of each system that is installed, for a network."""
    classifier = _plain(network)
    found: dict[str, Infer] = {"digitserve": classifier.probabilities}
    for name, (packages, module, function) in PEERS.items():
        if all(map(find_spec, packages)):
            found[name] = getattr(import_module(module), function)(classifier)
    return found


def measure(installed: dict[str, Infer], batch: int, rounds: int) -> dict[str, float]:
    """Return the median microseconds per image of each system.

    Raises: RuntimeError if a system's probabilities differ from ours: it runs another network.
    """
    images = np.random.default_rng(0).random((batch, 14, 14), np.float32)
    _check_agreement(installed, images)
    number = max(1, IMAGES_PER_ROUND // batch)
    times: dict[str, list[float]] = {name: [] for name in installed}
    for _ in range(rounds):
        for name, infer in installed.items():
            seconds = timeit.timeit(partial(infer, images), timer=time.process_time, number=number)
            times[name].append(seconds / number / batch * 1e6)
    return {name: statistics.median(values) for name, values in times.items()}


def _plain(name: str) -> Classifier:
    """Return the network as a classifier without test-time augmentation: one view, all classes."""
    if name == NOTEBOOK:
        notebook = build("notebook-keras-cnn", labels=DIGITS, rng=np.random.default_rng(0))
        notebook.network.freeze()  # as loaded weights are
        return notebook
    shipped = load_weights(pretrained_dir() / f"{name}.safetensors").classifier
    classes = tuple(range(shipped.class_count))
    return Classifier(shipped.network, labels=classes, input_shape=shipped.input_shape)


def _check_agreement(installed: dict[str, Infer], images: Array) -> None:
    expected = installed["digitserve"](images)
    for name, infer in installed.items():
        distance = float(np.abs(np.asarray(infer(images)) - expected).max())
        if distance > 1e-5:
            raise RuntimeError(f"{name}: expected our probabilities, got some {distance:.1e} off")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.inference", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="of each system (default: 9)")
    arguments = parser.parse_args()
    pin()
    print(
        f"Inference, one thread, medians of {arguments.rounds} rounds, processor time of an image\n"
    )
    print_rows(rows(arguments.rounds))


if __name__ == "__main__":
    main()
