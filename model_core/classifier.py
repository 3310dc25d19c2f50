"""From images to digits: probabilities, and the decision to accept them or to abstain."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from model_core.errors import ShapeError
from model_core.losses import softmax
from model_core.network import Sequential
from model_core.parameter import Array

Decision = Literal["accept", "abstain"]
Reason = Literal["blank", "not_a_digit", "ambiguous"]

# Less contrast than this between the lightest and the darkest pixel (0..1) is an empty picture.
# The faintest MNIST digit has six times as much.
BLANK_CONTRAST = 0.1

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
    """A network that tells the digits in its labels apart.

    Shapes: images are (N, height, width) float32 in 0..1, light ink on black; ``input_shape`` is
    (height, width). Nothing here writes to the model: one object serves all threads.
    Raises: ShapeError for images of another shape.
    """

    def __init__(
        self, network: Sequential, *, labels: tuple[int, ...], input_shape: tuple[int, int]
    ) -> None:
        self.network = network
        self.labels = labels
        self.input_shape = input_shape

    def logits(self, images: Array) -> Array:
        """Return the network's output (N, len(labels)) float32."""
        if images.ndim != 3 or images.shape[1:] != self.input_shape:
            height, width = self.input_shape
            raise ShapeError(f"images: expected shape (N, {height}, {width}), got {images.shape}")
        if len(images) <= BLOCK:
            return self.network.forward(images[:, None])
        return np.concatenate([self.network.forward(block) for block in _blocks(images[:, None])])

    def probabilities(self, images: Array) -> Array:
        """Return the softmax over the labels (N, len(labels)); float64, so that rows sum to 1."""
        return softmax(self.logits(images))

    def predict(self, images: Array) -> list[Prediction]:
        """Return one answer per image, whatever else is in the batch."""
        return [
            self._decide(probabilities, float(contrast))
            for probabilities, contrast in zip(
                self.probabilities(images).tolist(), np.ptp(images, axis=(1, 2)), strict=True
            )
        ]

    def _decide(self, probabilities: list[float], contrast: float) -> Prediction:
        confidence = max(probabilities)
        blank = contrast < BLANK_CONTRAST
        return Prediction(
            digit=self.labels[probabilities.index(confidence)],
            confidence=confidence,
            probabilities=tuple(probabilities),
            decision="abstain" if blank else "accept",
            reason="blank" if blank else None,
        )

    def __repr__(self) -> str:
        return f"Classifier({self.network}, labels={self.labels})"


def _blocks(images: Array) -> Iterator[Array]:
    for start in range(0, len(images), BLOCK):
        yield images[start : start + BLOCK]
