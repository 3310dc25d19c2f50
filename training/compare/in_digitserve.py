"""The work in digitserve itself."""

import numpy as np

from model_core.parameter import Array
from training.compare.work import Task
from training.loop import EpochState, train


class _Silent:
    """Progress that nobody watches."""

    def update(self, state: EpochState) -> None:
        pass


class DigitserveRunner:
    """The network as `python -m training fit` trains it."""

    def __init__(self, task: Task) -> None:
        self._dataset = task.dataset
        self._recipe = task.recipe
        self._classifier = task.classifier()

    def settle(self) -> str:
        """Return what it is made of."""
        return "NumPy"

    def train_epoch(self, rng: np.random.Generator) -> None:
        """Train on every image once, in the order that ``rng`` draws."""
        train(self._classifier, self._dataset, self._recipe, rng=rng, progress=_Silent())

    def logits(self, images: Array) -> Array:
        """Return the output (N, classes) for images (N, 14, 14)."""
        return self._classifier.logits(images)

    def weights(self) -> list[Array]:
        """Return the weights."""
        return [parameter.value for _, parameter in self._classifier.network.named_parameters()]
