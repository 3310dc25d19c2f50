"""From images to digits: probabilities, and the decision to accept them or to abstain."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from model_core.abstention import ONLY_BLANK, Abstention, Reason
from model_core.errors import ShapeError
from model_core.losses import softmax
from model_core.network import Sequential
from model_core.parameter import Array
from model_core.test_time_augmentation import DIGIT, NONE, turned

Decision = Literal["accept", "abstain"]

# So many images at a time keep the convolution's columns in the processor's cache.
BLOCK = 32


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answer for one image; ``probabilities`` are in the order of the classifier's labels."""

    digit: int
    confidence: float
    probabilities: tuple[float, ...]
    decision: Decision
    reason: Reason | None


class Classifier:
    """A network that tells the digits in its labels apart, and knows when to abstain.

    Shapes: images are (N, height, width) float32 in 0..1, light ink on black; ``input_shape`` is
    (height, width). The network has an outcome for each label and, if ``abstention`` says so, a
    last one for "none of them". Answering writes nothing: one object serves all threads.
    Raises: ShapeError for images of another shape.
    """

    def __init__(
        self,
        network: Sequential,
        *,
        labels: tuple[int, ...],
        input_shape: tuple[int, int],
        abstention: Abstention = ONLY_BLANK,
    ) -> None:
        self.network = network
        self.labels = labels
        self.input_shape = input_shape
        self.abstention = abstention

    @property
    def outcomes(self) -> int:
        """Return how many logits an image gets."""
        return len(self.labels) + self.abstention.knows_none

    def logits(self, images: Array) -> Array:
        """Return what speaks for each outcome, (N, outcomes) float32.

        It is the network's output or, where the picture may or may not be one of the labels, the
        mean of its output for three looks at it.
        """
        return self._look(images)[0]

    def probabilities(self, images: Array) -> Array:
        """Return the softmax over the labels (N, len(labels)); float64, so that rows sum to 1."""
        return self._probabilities(self.logits(images))

    def none_of_them(self, images: Array) -> Array:
        """Return the probability (N,) float64 that it is none of the labels; 0 if not learned."""
        return self._look(images)[1]

    def predict(self, images: Array) -> list[Prediction]:
        """Return one answer per image, whatever else is in the batch."""
        logits, none = self._look(images)
        return [
            self._decide(probabilities, none, contrast)
            for probabilities, none, contrast in zip(
                self._probabilities(logits).tolist(),
                none.tolist(),
                np.ptp(images, axis=(1, 2)).tolist(),
                strict=True,
            )
        ]

    def _probabilities(self, logits: Array) -> Array:
        count = len(self.labels)
        digits = logits if logits.shape[1] == count else logits[:, :count]
        if self.abstention.temperature != 1:
            digits = digits / np.float32(self.abstention.temperature)
        return softmax(digits)

    def _look(self, images: Array) -> tuple[Array, Array]:
        """Return the logits, and the probability of "none of them"; a second look included."""
        logits = self._forward(images)
        if not self.abstention.knows_none:
            return logits, np.zeros(len(logits))
        none: Array = softmax(logits)[:, -1]
        doubtful = (none > DIGIT) & (none < NONE)
        if doubtful.any():
            again = [self._forward(view) for view in turned(images[doubtful])]
            logits[doubtful] = np.mean([logits[doubtful], *again], axis=0)
            none[doubtful] = softmax(logits[doubtful])[:, -1]
        return logits, none

    def _forward(self, images: Array) -> Array:
        if images.ndim != 3 or images.shape[1:] != self.input_shape:
            height, width = self.input_shape
            raise ShapeError(f"images: expected shape (N, {height}, {width}), got {images.shape}")
        if len(images) <= BLOCK:
            return self.network.forward(images[:, None])
        return np.concatenate([self.network.forward(block) for block in _blocks(images[:, None])])

    def _decide(self, probabilities: list[float], none: float, contrast: float) -> Prediction:
        confidence = max(probabilities)
        reason = self.abstention.reason(contrast=contrast, none=none, confidence=confidence)
        return Prediction(
            digit=self.labels[probabilities.index(confidence)],
            confidence=confidence,
            probabilities=tuple(probabilities),
            decision="abstain" if reason else "accept",
            reason=reason,
        )

    def __repr__(self) -> str:
        return f"Classifier({self.network}, labels={self.labels})"


def _blocks(images: Array) -> Iterator[Array]:
    for start in range(0, len(images), BLOCK):
        yield images[start : start + BLOCK]
