"""Exponential moving average of the weights."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from model_core.parameter import Array


class WeightAverage:
    """Exponential moving average of weights, with a warm-up of its decay.

    Shapes: ``weights`` and ``array`` (any,) float32; ``array`` holds the average.
    Units: ``decay`` is the share of the average that an update keeps, 0 to below 1.
    """

    def __init__(self, weights: Array, *, decay: float) -> None:
        self.array = weights.copy()
        self._weights = weights
        self._decay = decay
        self._scratch = np.empty_like(weights)

    def update(self, steps: int) -> None:
        """Include the current weights; ``steps`` counts the updates before.

        The decay is small at first, so that the initial weights never dominate the average.
        """
        share = 1 - min(self._decay, (1 + steps) / (10 + steps))
        change = np.subtract(self._weights, self.array, out=self._scratch)
        self.array += np.multiply(change, share, out=change)

    def apply(self) -> None:
        """Replace the weights by their average."""
        self._weights[...] = self.array

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Replace the weights by their average while the block runs."""
        weights = self._weights.copy()
        self.apply()
        yield
        self._weights[...] = weights
