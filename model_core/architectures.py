"""The networks by name: the one place that knows how each is built."""

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
    """Return two hidden layers, 196-256-128-classes: what `fit dnn` trains."""
    return Sequential(
        Flatten(),
        Linear(196, 256, rng=rng),
        ReLU(),
        Linear(256, 128, rng=rng),
        ReLU(),
        Linear(128, classes, rng=rng),
    )


def cnn(classes: int, rng: np.random.Generator) -> Sequential:
    """Return three 3x3 convolutions (16, 32, 96 channels), one hidden layer: `fit cnn`."""
    return Sequential(
        Conv2d(1, 16, 3, rng=rng),
        ReLU(),
        Conv2d(16, 32, 3, rng=rng),
        ReLU(),
        MaxPool2d(2),
        Conv2d(32, 96, 3, rng=rng),
        ReLU(),
        Flatten(),
        Linear(96 * 3 * 3, 128, rng=rng),
        ReLU(),
        Linear(128, classes, rng=rng),
    )


def notebook_dnn(classes: int, rng: np.random.Generator) -> Sequential:
    """Return the notebook's DNN, 196-16-classes."""
    return Sequential(Flatten(), Linear(196, 16, rng=rng), ReLU(), Linear(16, classes, rng=rng))


def notebook_cnn(classes: int, rng: np.random.Generator) -> Sequential:
    """Return the notebook's CNN: convolution without activation, pooling, 576-16-classes."""
    return _one_convolution(16, classes, rng)


def notebook_keras_cnn(classes: int, rng: np.random.Generator) -> Sequential:
    """Return the CNN that the notebook built in Keras: as its own, with 64 hidden units."""
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
    """Return a new classifier of the named architecture, its weights drawn from ``rng``.

    It has an outcome more than labels if ``abstention`` tells what is no digit.

    Raises: UnknownArchitectureError if there is none of that name.
    """
    if name not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise UnknownArchitectureError(f"architecture: expected one of {known}, got {name!r}")
    network = ARCHITECTURES[name](len(labels) + abstention.knows_none, rng)
    return Classifier(network, labels=labels, input_shape=INPUT_SHAPE, abstention=abstention)
