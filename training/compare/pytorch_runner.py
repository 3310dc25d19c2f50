"""Training runner for PyTorch: a minimal loop without DataLoader."""

import copy
import os
import time
from typing import Any

import numpy as np
import torch

from model_core.layers import Conv2d, Flatten, Layer, Linear, MaxPool2d, ReLU
from model_core.parameter import Array
from training.compare.workload import Task

# Steps of the trial run that chooses between one thread and all.
TRIAL_STEPS = 100


class PytorchRunner:
    """PyTorch runner: a `torch.nn.Sequential` trained by `torch.optim.SGD`."""

    def __init__(self, task: Task) -> None:
        self._images = torch.from_numpy(task.dataset.images[:, None])
        self._classes = torch.from_numpy(task.dataset.classes.astype(np.int64))
        self._rate, self._size = task.recipe.learning_rate, task.recipe.batch_size
        self._network = torch.nn.Sequential(*map(_twin, task.classifier().network.layers))
        self._threads = 1

    def settle(self) -> str:
        """Choose one thread or all: the faster in a trial run on a copy of the network."""
        self._threads = min({1, os.cpu_count() or 1}, key=self._trial_seconds)
        return f"minimal loop, {self._threads} thread{'s' if self._threads > 1 else ''}"

    def train_epoch(self, rng: np.random.Generator) -> None:
        """Train on every image once, in the random order drawn from ``rng``."""
        torch.set_num_threads(self._threads)
        order = torch.from_numpy(rng.permutation(len(self._images)))
        self._train(self._network, self._images[order], self._classes[order])

    def logits(self, images: Array) -> Array:
        """Return the output (N, classes) for images (N, 14, 14)."""
        with torch.no_grad():
            output: Array = self._network(torch.from_numpy(images[:, None])).numpy()
        return output

    def weights(self) -> list[Array]:
        """Return the weights; a matrix is transposed, PyTorch's are (out, in)."""
        values = [value.detach().numpy() for value in self._network.parameters()]
        return [value.T if value.ndim == 2 else value for value in values]

    def _train(self, network: Any, images: Any, classes: Any) -> None:
        optimizer = torch.optim.SGD(network.parameters(), lr=self._rate)
        criterion = torch.nn.CrossEntropyLoss()
        for batch, truth in zip(images.split(self._size), classes.split(self._size), strict=True):
            optimizer.zero_grad()
            criterion(network(batch), truth).backward()
            optimizer.step()

    def _trial_seconds(self, threads: int) -> float:
        torch.set_num_threads(threads)
        network, count = copy.deepcopy(self._network), TRIAL_STEPS * self._size
        for _ in range(2):  # the first time is a warm-up
            started = time.perf_counter()
            self._train(network, self._images[:count], self._classes[:count])
        return time.perf_counter() - started


def _twin(layer: Layer) -> Any:
    """Return the equivalent PyTorch layer with the same weights."""
    match layer:
        case Linear():
            twin = torch.nn.Linear(*layer.weight.value.shape)
            return _with_weights(twin, layer.weight.value.T, layer.bias.value)
        case Conv2d():
            outputs, inputs, kernel, _ = layer.weight.value.shape
            twin = torch.nn.Conv2d(inputs, outputs, kernel, layer.stride, layer.padding)
            return _with_weights(twin, layer.weight.value, layer.bias.value)
        case MaxPool2d():
            return torch.nn.MaxPool2d(layer.kernel_size)
    return {Flatten: torch.nn.Flatten, ReLU: torch.nn.ReLU}[type(layer)]()


def _with_weights(layer: Any, weight: Array, bias: Array) -> Any:
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(weight))
        layer.bias.copy_(torch.tensor(bias))
    return layer
