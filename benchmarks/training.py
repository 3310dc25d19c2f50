"""Seconds per epoch of the notebook's recipes: ours, PyTorch's, and the notebook's own loops.

Run with ``python -m benchmarks.training [--data DIR] [--repeat N]``. The systems take turns, and
the table shows medians. PyTorch is left out where it is not installed; the notebook's loops run on
a few images and are extrapolated.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from model_core.architectures import build
from model_core.parameter import Array
from training.data import load_mnist
from training.dataset import Dataset, select
from training.loop import EpochState, train
from training.recipes import DIGITS, Model, get_recipe

try:
    import torch
except ImportError:
    TORCH = False
else:
    TORCH = True

LOOP_IMAGES = 20

Epoch = Callable[[], float]


class _Silent:
    def update(self, state: EpochState) -> None:
        pass


def ours(model: Model, dataset: Dataset) -> Epoch:
    """Return a function that trains one epoch and returns its seconds."""
    recipe = get_recipe(model, "notebook", epochs=1)
    rng = np.random.default_rng(0)
    classifier = build(recipe.architecture, labels=DIGITS, rng=rng)

    def epoch() -> float:
        started = time.perf_counter()
        train(classifier, dataset, recipe, rng=rng, progress=_Silent())
        return time.perf_counter() - started

    return epoch


def pytorch(model: Model, dataset: Dataset) -> Epoch:
    """Return the same for PyTorch's leanest loop, without DataLoader, on one thread."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    network = _torch_network(model)
    optimizer = torch.optim.SGD(network.parameters(), lr=5e-4)
    criterion = torch.nn.CrossEntropyLoss()
    images = torch.from_numpy(dataset.images[:, None])
    classes = torch.from_numpy(dataset.classes)

    def epoch() -> float:
        started = time.perf_counter()
        for i in torch.randperm(len(images)).tolist():
            optimizer.zero_grad()
            criterion(network(images[i : i + 1]), classes[i : i + 1]).backward()
            optimizer.step()
        return time.perf_counter() - started

    return epoch


def _torch_network(model: Model) -> Any:
    nn = torch.nn
    if model == "dnn":
        return nn.Sequential(nn.Flatten(), nn.Linear(196, 16), nn.ReLU(), nn.Linear(16, 5))
    return nn.Sequential(
        nn.Conv2d(1, 16, 3),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(576, 16),
        nn.ReLU(),
        nn.Linear(16, 5),
    )


def loops(model: Model, dataset: Dataset) -> Epoch | None:
    """Return the same for convolution and pooling written as loops over pixels; cnn only."""
    if model == "dnn":
        return None
    rng = np.random.default_rng(0)
    kernels = rng.standard_normal((16, 3, 3)) / 3

    def epoch() -> float:
        started = time.perf_counter()
        for image in dataset.images[:LOOP_IMAGES]:
            _loop_step(image, kernels)
        return (time.perf_counter() - started) / LOOP_IMAGES * len(dataset)

    return epoch


def _loop_step(image: Array, kernels: Array) -> None:
    """Go forwards and backwards through convolution and pooling, one pixel at a time."""
    maps = np.zeros((16, 12, 12))
    for k, i, j in np.ndindex(16, 12, 12):
        maps[k, i, j] = np.sum(image[i : i + 3, j : j + 3] * kernels[k])
    pooled, spread = np.zeros((16, 6, 6)), np.zeros((16, 12, 12))
    for k, i, j in np.ndindex(16, 6, 6):
        square = maps[k, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
        pooled[k, i, j] = np.max(square)
        spread[k, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = square == np.max(square)
    kernel_gradient, image_gradient = np.zeros((16, 3, 3)), np.zeros((14, 14))
    for k, i, j in np.ndindex(16, 12, 12):
        kernel_gradient[k] += image[i : i + 3, j : j + 3] * spread[k, i, j]
        image_gradient[i : i + 3, j : j + 3] += kernels[k] * spread[k, i, j]


def measure(model: Model, dataset: Dataset, repeat: int) -> None:
    """Print the rows of one model."""
    systems: dict[str, Epoch | None] = {
        "digitserve": ours(model, dataset),
        "PyTorch, lean loop": pytorch(model, dataset) if TORCH else None,
        "loops over pixels": loops(model, dataset),
    }
    running = {name: epoch for name, epoch in systems.items() if epoch}
    seconds: dict[str, list[float]] = {name: [] for name in running}
    for _ in range(repeat):
        for name, epoch in running.items():
            seconds[name].append(epoch())
    base = statistics.median(seconds["digitserve"])
    for name, times in seconds.items():
        median = statistics.median(times)
        print(f"| {model} | {name} | {median:.3f} | {median / base:.1f} |")
    if not TORCH:
        print(f"| {model} | PyTorch | not installed | |")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__)
    parser.add_argument("--data", type=Path, help="directory of MNIST (default: DIGITS_DATA)")
    parser.add_argument("--repeat", type=int, default=3, help="epochs of each system (default: 3)")
    arguments = parser.parse_args()
    mnist = load_mnist(arguments.data)
    dataset = select(mnist.train_images, mnist.train_labels, digits=DIGITS, per_digit=2000)
    print("Notebook recipe, 10,000 images, batch 1; medians, one thread for PyTorch\n")
    print("| model | system | seconds per epoch | ratio to digitserve |\n|---|---|---|---|")
    models: tuple[Model, ...] = ("dnn", "cnn")
    for model in models:
        measure(model, dataset, arguments.repeat)


if __name__ == "__main__":
    main()
