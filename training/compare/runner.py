"""What every system can do with a task, whatever it is made of."""

from typing import Protocol

import numpy as np

from model_core.parameter import Array


class Runner(Protocol):
    """A network in training, in one of the systems.

    The images of an epoch come in the order ``rng.permutation(len(dataset))``: the same generator
    gives the same epoch in every system.
    """

    def settle(self) -> str:
        """Choose what a user would have tried out before, and return how the work is done."""
        ...

    def train_epoch(self, rng: np.random.Generator) -> None:
        """Train on every image once; everything is done when this returns."""
        ...

    def logits(self, images: Array) -> Array:
        """Return the output (N, classes) for images (N, 14, 14), both float32."""
        ...

    def weights(self) -> list[Array]:
        """Return the weights, in the order and in the shapes of digitserve."""
        ...
