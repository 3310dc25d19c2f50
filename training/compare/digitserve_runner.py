"""Training runner for digitserve itself."""

import numpy as np

from model_core.parameter import Array
from training.compare.workload import Task
from training.fitting.loop import BLOCK_IMAGES, TrainingRun


class DigitserveRunner:
    """The network as `python -m training fit` trains it."""

    def __init__(self, task: Task) -> None:
        self._dataset = task.dataset
        self._classifier = task.classifier()
        self._run = TrainingRun(self._classifier, task.dataset, task.recipe, seed=0)

    def settle(self) -> str:
        """Return the library that does the arithmetic."""
        return "NumPy"

    def train_epoch(self, rng: np.random.Generator) -> None:
        """Train on every image once, in the random order drawn from ``rng``."""
        order = rng.permutation(len(self._dataset))
        for start in range(0, len(order), BLOCK_IMAGES):
            self._run.train_block(self._dataset.take(order[start : start + BLOCK_IMAGES], rng))

    def logits(self, images: Array) -> Array:
        """Return the output (N, classes) for images (N, 14, 14)."""
        return self._classifier.logits(images)

    def weights(self) -> list[Array]:
        """Return the weights."""
        return [parameter.value for _, parameter in self._classifier.network.named_parameters()]
