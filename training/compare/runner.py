"""Interface between the measurement and the frameworks."""

from typing import Protocol

import numpy as np

from model_core.parameter import Array


class Runner(Protocol):
    """Interface of a training runner: a network in training in one of the systems.

    The images of an epoch come in the order ``rng.permutation(len(dataset))``: the same generator
    gives the same epoch in every system.
    """

    def settle(self) -> str:
        """Tune the settings that a user would tune before training, and describe the result."""
        ...

    def train_epoch(self, rng: np.random.Generator) -> None:
        """Train on every image once; asynchronous work is finished when this returns."""
        ...

    def logits(self, images: Array) -> Array:
        """Return the output (N, classes) for images (N, 14, 14), both float32."""
        ...

    def weights(self) -> list[Array]:
        """Return the weights in digitserve's order and shapes."""
        ...
