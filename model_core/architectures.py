"""Registry of the network architectures: a function for each name."""

from collections.abc import Callable

import numpy as np

from model_core.abstention import ONLY_BLANK, Abstention
from model_core.classifier import Classifier
from model_core.errors import UnknownArchitectureError
from model_core.layers import Conv2d, Flatten, Linear, MaxPool2d, ReLU
from model_core.network import Sequential

INPUT_SHAPE = (14, 14)

Build = Callable[[int, np.random.Generator], Sequential]


def dnn(classes: int, rng: np.random.Generator) -> Sequential:
    """Return a multilayer perceptron, 196-256-128-classes; `fit dnn` trains it."""
    return Sequential(
        Flatten(),
        Linear(196, 256, rng=rng),
        ReLU(),
        Linear(256, 128, rng=rng),
        ReLU(),
        Linear(128, classes, rng=rng),
    )


def cnn(classes: int, rng: np.random.Generator) -> Sequential:
    """Return a CNN with 16, 32 and 96 channels; `fit cnn10` trains it."""
    return _three_convolutions((16, 32, 96), classes, rng)


def cnn_small(classes: int, rng: np.random.Generator) -> Sequential:
    """Return a CNN with 12, 24 and 64 channels, about half the arithmetic; `fit cnn` trains it."""
    return _three_convolutions((12, 24, 64), classes, rng)


def _three_convolutions(
    channels: tuple[int, int, int], classes: int, rng: np.random.Generator
) -> Sequential:
    """Return a CNN of three 3x3 convolutions and one hidden layer of 128."""
    first, second, third = channels
    return Sequential(
        Conv2d(1, first, 3, rng=rng),
        ReLU(),
        Conv2d(first, second, 3, rng=rng),
        ReLU(),
        MaxPool2d(2),
        Conv2d(second, third, 3, rng=rng),
        ReLU(),
        Flatten(),
        Linear(third * 3 * 3, 128, rng=rng),
        ReLU(),
        Linear(128, classes, rng=rng),
    )


def notebook_dnn(classes: int, rng: np.random.Generator) -> Sequential:
    """Return the original notebook's multilayer perceptron, 196-16-classes."""
    return Sequential(Flatten(), Linear(196, 16, rng=rng), ReLU(), Linear(16, classes, rng=rng))


def notebook_cnn(classes: int, rng: np.random.Generator) -> Sequential:
    """Return the original notebook's CNN: convolution, max-pooling, 576-16-classes.

    There is no activation after the convolution.
    """
    return _one_convolution(16, classes, rng)


def notebook_keras_cnn(classes: int, rng: np.random.Generator) -> Sequential:
    """Return the original notebook's Keras CNN: convolution, max-pooling, 576-64-classes."""
    return _one_convolution(64, classes, rng)


def _one_convolution(hidden: int, classes: int, rng: np.random.Generator) -> Sequential:
    return Sequential(
        Conv2d(1, 16, 3, rng=rng),
        MaxPool2d(2),
        Flatten(),
        Linear(16 * 6 * 6, hidden, rng=rng),
        ReLU(),
        Linear(hidden, classes, rng=rng),
    )


ARCHITECTURES: dict[str, Build] = {
    "dnn": dnn,
    "cnn": cnn,
    "cnn-small": cnn_small,
    "notebook-dnn": notebook_dnn,
    "notebook-cnn": notebook_cnn,
    "notebook-keras-cnn": notebook_keras_cnn,
}


def build(
    name: str,
    *,
    labels: tuple[int, ...],
    rng: np.random.Generator,
    abstention: Abstention = ONLY_BLANK,
) -> Classifier:
    """Return an untrained classifier of the named architecture, its weights drawn from ``rng``.

    It has a reject class beside the labels if ``abstention`` has a threshold for it.
    Raises: UnknownArchitectureError for a name that is not registered.
    """
    if name not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise UnknownArchitectureError(f"architecture: expected one of {known}, got {name!r}")
    network = ARCHITECTURES[name](len(labels) + abstention.has_reject_class, rng)
    return Classifier(network, labels=labels, input_shape=INPUT_SHAPE, abstention=abstention)
