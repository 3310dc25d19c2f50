"""Test cases of every layer, edge cases included: for finite differences and PyTorch."""

from collections.abc import Callable

import numpy as np
import pytest

from model_core.layers import (
    Conv2d,
    Dropout,
    Flatten,
    Identity,
    Layer,
    Linear,
    MaxPool2d,
    ReLU,
    Tanh,
)
from model_core.layers.conv_pool import ConvMaxPool2d
from model_core.parameter import Array

Make = Callable[[np.random.Generator], Layer]


def _pooled(channels: int, padding: int = 0, kernel: int = 3) -> Make:
    return lambda rng: ConvMaxPool2d(
        Conv2d(channels, 3, kernel, padding=padding, rng=rng), MaxPool2d(2)
    )


def train_forward(layer: Layer, x: Array) -> Array:
    """Return the training output; the random numbers of a layer that draws are always the same."""
    layer.use_generator(np.random.default_rng(1))
    return layer.forward(x, training=True)


# Layers whose training output is their inference output.
DETERMINISTIC = [
    pytest.param(lambda rng: Linear(4, 3, rng=rng), (5, 4), id="linear"),
    pytest.param(lambda rng: Linear(1, 1, rng=rng), (1, 1), id="linear-smallest"),
    pytest.param(lambda rng: Conv2d(1, 2, 3, rng=rng), (2, 1, 5, 6), id="conv"),
    pytest.param(lambda rng: Conv2d(3, 2, 3, rng=rng), (2, 3, 4, 5), id="conv-channels"),
    pytest.param(lambda rng: Conv2d(2, 3, 2, stride=2, rng=rng), (2, 2, 5, 7), id="conv-stride"),
    pytest.param(lambda rng: Conv2d(2, 2, 3, padding=1, rng=rng), (1, 2, 4, 4), id="conv-padding"),
    pytest.param(
        lambda rng: Conv2d(2, 2, 3, stride=3, padding=2, rng=rng), (2, 2, 6, 5), id="conv-both"
    ),
    pytest.param(lambda rng: Conv2d(2, 4, 1, rng=rng), (1, 2, 3, 3), id="conv-1x1"),
    pytest.param(lambda _: MaxPool2d(2), (2, 3, 4, 6), id="pool"),
    pytest.param(lambda _: MaxPool2d(2), (1, 2, 5, 7), id="pool-left-over"),
    pytest.param(lambda _: MaxPool2d(1), (1, 2, 2, 3), id="pool-1"),
    pytest.param(lambda _: MaxPool2d(3), (2, 1, 7, 8), id="pool-3"),
    pytest.param(_pooled(1), (2, 1, 6, 8), id="conv-pool"),
    pytest.param(_pooled(2), (3, 2, 7, 5), id="conv-pool-left-over"),
    pytest.param(_pooled(2, padding=1), (2, 2, 4, 5), id="conv-pool-padding"),
    pytest.param(_pooled(3, kernel=2), (1, 3, 5, 5), id="conv-pool-2x2"),
    pytest.param(lambda _: Flatten(), (2, 3, 2, 2), id="flatten"),
    pytest.param(lambda _: ReLU(), (3, 4), id="relu"),
    pytest.param(lambda _: Tanh(), (3, 4), id="tanh"),
    pytest.param(lambda _: Identity(), (3, 4), id="identity"),
]
# Layers that draw random numbers in training.
RANDOM = [
    pytest.param(lambda _: Dropout(0.4), (5, 4), id="dropout"),
    pytest.param(lambda _: Dropout(0.7), (2, 3, 4, 2), id="dropout-images"),
    pytest.param(lambda _: Dropout(0), (3, 4), id="dropout-nothing"),
]
LAYERS = DETERMINISTIC + RANDOM
