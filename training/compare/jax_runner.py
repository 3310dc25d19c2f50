"""Training runner for JAX: an epoch is one compiled `lax.scan`."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from model_core.layers import Conv2d, Flatten, Layer, Linear, MaxPool2d, ReLU
from model_core.network import Sequential
from model_core.parameter import Array
from training.compare.workload import Task


class JaxRunner:
    """JAX runner: a list of parameter arrays, and functions of it compiled by XLA."""

    def __init__(self, task: Task) -> None:
        network = task.classifier().network
        self._weights = [jnp.asarray(p.value) for _, p in network.named_parameters()]
        self._images = jnp.asarray(task.dataset.images[:, None])
        self._classes = jnp.asarray(task.dataset.classes)
        forward = partial(_forward, network)
        self._logits = jax.jit(forward)
        self._epoch = jax.jit(
            partial(_epoch, forward, task.recipe.learning_rate, task.recipe.batch_size)
        )

    def settle(self) -> str:
        """Return how the epoch is compiled."""
        return "lax.scan, compiled"

    def train_epoch(self, rng: np.random.Generator) -> None:
        """Train on every image once, in the random order drawn from ``rng``."""
        order = jnp.asarray(rng.permutation(len(self._images)))
        self._weights = self._epoch(self._weights, self._images, self._classes, order)
        jax.block_until_ready(self._weights)

    def logits(self, images: Array) -> Array:
        """Return the output (N, classes) for images (N, 14, 14)."""
        return np.asarray(self._logits(self._weights, images[:, None]))

    def weights(self) -> list[Array]:
        """Return the weights."""
        return [np.asarray(value) for value in self._weights]


def _epoch(
    forward: Any, rate: float, size: int, weights: Any, images: Any, classes: Any, order: Any
) -> Any:
    """Return the weights after an epoch; the last batch may be smaller."""

    def loss(weights: Any, chosen: Any) -> Any:
        likelihoods = jax.nn.log_softmax(forward(weights, images[chosen]))
        return -jnp.take_along_axis(likelihoods, classes[chosen][:, None], axis=1).mean()

    def step(weights: Any, chosen: Any) -> tuple[Any, None]:
        gradients = jax.grad(loss)(weights, chosen)
        moved = [value - rate * grad for value, grad in zip(weights, gradients, strict=True)]
        return moved, None

    whole = len(order) // size * size
    weights, _ = lax.scan(step, weights, order[:whole].reshape(-1, size))
    return weights if whole == len(order) else step(weights, order[whole:])[0]


def _forward(network: Sequential, weights: list[Any], x: Any) -> Any:
    """Return the network's output with the given weights."""
    rest = iter(weights)
    for layer in network.layers:
        x = _apply(layer, [next(rest) for _ in layer.parameters()], x)
    return x


def _apply(layer: Layer, weights: list[Any], x: Any) -> Any:
    match layer:
        case Linear():
            return x @ weights[0] + weights[1]
        case Conv2d():
            padding = [(layer.padding, layer.padding)] * 2
            y = lax.conv_general_dilated(x, weights[0], [layer.stride] * 2, padding)
            return y + weights[1][:, None, None]
        case MaxPool2d():
            square = (1, 1, layer.kernel_size, layer.kernel_size)
            return lax.reduce_window(x, -jnp.inf, lax.max, square, square, "VALID")
        case Flatten():
            return x.reshape(len(x), -1)
        case ReLU():
            return jnp.maximum(x, 0)
    raise TypeError(f"layer: expected one of the notebook's networks, got {layer}")
