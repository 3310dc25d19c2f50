"""The classifier: class probabilities of images, and the decision to accept or to abstain."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from model_core.abstention import (
    ONLY_BLANK,
    Abstention,
    Reason,
    digit_certainty,
    reason_below,
)
from model_core.errors import ShapeError
from model_core.losses import softmax
from model_core.network import Sequential
from model_core.parameter import Array
from model_core.test_time_augmentation import CERTAIN_DIGIT, CERTAIN_REJECT, shifted_views

Decision = Literal["accept", "abstain"]


@dataclass(slots=True)  # not frozen: creating frozen ones takes twice the time
class Prediction:
    """The prediction for one image; ``probabilities`` are in the order of the labels.

    ``digit`` is the likeliest one also if the decision is to abstain. ``confidence`` is its
    probability; it is 0 for a blank image, which shows no digit. ``certainty`` is that of any digit
    (``digit_certainty``).
    """

    digit: int
    confidence: float
    probabilities: tuple[float, ...]
    decision: Decision
    reason: Reason | None
    certainty: float

    @property
    def acceptance(self) -> float:
        """The acceptance score, 0..1: the certainty of a digit times the confidence in this one."""
        return self.certainty * self.confidence

    def with_threshold(self, threshold: float) -> "Prediction":
        """Return the prediction with another decision: accepted from this acceptance score on.

        A blank image stays blank, and one of several digits is refused at every threshold.
        """
        if self.reason in ("blank", "several_digits"):
            return self
        reason = reason_below(threshold, certainty=self.certainty, confidence=self.confidence)
        return replace(self, decision=_decision(reason), reason=reason)


@dataclass(slots=True)
class BatchPrediction:
    """Predictions for a batch as columns, with the fields of Prediction.

    Shapes: ``probabilities`` (N, len(labels)) float64; each list has N elements.
    """

    probabilities: Array
    digits: list[int]
    confidences: list[float]
    reasons: list[Reason | None]
    certainties: list[float]

    @property
    def decisions(self) -> list[Decision]:
        """The decision for each image."""
        return [_decision(reason) for reason in self.reasons]

    @classmethod
    def join(cls, parts: Sequence["BatchPrediction"], labels: int) -> "BatchPrediction":
        """Join the predictions for parts of a batch, which can be empty."""
        return cls(
            np.concatenate([np.empty((0, labels)), *(part.probabilities for part in parts)]),
            [digit for part in parts for digit in part.digits],
            [confidence for part in parts for confidence in part.confidences],
            [reason for part in parts for reason in part.reasons],
            [certainty for part in parts for certainty in part.certainties],
        )

    @classmethod
    def of_rows(cls, rows: Sequence[Prediction], labels: int) -> "BatchPrediction":
        """Return predictions, which can be none, as columns."""
        return cls(
            np.array([row.probabilities for row in rows]).reshape(-1, labels),
            [row.digit for row in rows],
            [row.confidence for row in rows],
            [row.reason for row in rows],
            [row.certainty for row in rows],
        )

    def rows(self) -> list[Prediction]:
        """Return one prediction per image."""
        return [
            Prediction(digit, confidence, tuple(row), _decision(reason), reason, certainty)
            for digit, confidence, row, reason, certainty in zip(
                self.digits,
                self.confidences,
                self.probabilities.tolist(),
                self.reasons,
                self.certainties,
                strict=True,
            )
        ]

    def part(self, start: int, end: int) -> "BatchPrediction":
        """Return the predictions for images ``start`` to ``end`` - 1."""
        return BatchPrediction(
            self.probabilities[start:end],
            self.digits[start:end],
            self.confidences[start:end],
            self.reasons[start:end],
            self.certainties[start:end],
        )


class Classifier:
    """Image classifier with a reject option: a network, its labels and its thresholds.

    Shapes: images are (N, height, width) float32 in 0..1, light ink on black; ``input_shape`` is
    (height, width). The network has an output for each label and, if ``abstention`` has a threshold
    for it, a last one for the reject class. Inference writes nothing: all threads can share one
    object.
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
    def class_count(self) -> int:
        """The number of classes, the reject class included."""
        return len(self.labels) + self.abstention.has_reject_class

    def logits(self, images: Array) -> Array:
        """Return the logits, (N, class_count) float32.

        They are the network's output; with a reject class that the network is not certain about,
        the mean of its output for five views of the image (test-time augmentation).
        """
        return self._infer(images)[0]

    def probabilities(self, images: Array) -> Array:
        """Return the softmax over the labels, (N, len(labels)) float64: each row sums to 1."""
        return self._probabilities(self.logits(images))

    def reject_probability(self, images: Array) -> Array:
        """Return the probability of the reject class, (N,) float64; 0 without a reject class."""
        return self._infer(images)[1]

    def predict(self, images: Array, trust: Sequence[float] | None = None) -> list[Prediction]:
        """Return one prediction per image; it does not depend on the rest of the batch.

        Units: ``trust`` in each image, 0..1, as preprocessing returns it; None: 1 for all.
        """
        return self.predict_batch(images, trust).rows()

    def predict_batch(self, images: Array, trust: Sequence[float] | None = None) -> BatchPrediction:
        """Return the predictions of ``predict`` as columns."""
        logits, reject = self._infer(images)
        probabilities = self._probabilities(logits)
        batch = BatchPrediction(probabilities, [], [], [], [])
        for row, rejected, contrast, trusted in zip(
            probabilities.tolist(),
            reject.tolist(),
            np.ptp(images, axis=(1, 2)).tolist(),
            [1.0] * len(images) if trust is None else trust,
            strict=True,
        ):
            confidence = max(row)
            reason = self.abstention.reason(
                contrast=contrast, reject=rejected, confidence=confidence, trust=trusted
            )
            batch.digits.append(self.labels[row.index(confidence)])
            batch.confidences.append(0.0 if reason == "blank" else confidence)
            batch.reasons.append(reason)
            batch.certainties.append(digit_certainty(reject=rejected, trust=trusted))
        return batch

    def _probabilities(self, logits: Array) -> Array:
        count = len(self.labels)
        digits = logits if logits.shape[1] == count else logits[:, :count]
        if self.abstention.temperature != 1:
            digits = digits / np.float32(self.abstention.temperature)
        return softmax(digits)

    def _infer(self, images: Array) -> tuple[Array, Array]:
        """Return logits and reject probabilities, averaged over views where they are uncertain."""
        logits = self._forward(images)
        if not self.abstention.has_reject_class:
            return logits, np.zeros(len(logits))
        reject: Array = softmax(logits)[:, -1]
        uncertain = (reject > CERTAIN_DIGIT) & (reject < CERTAIN_REJECT)
        if uncertain.any():
            views = shifted_views(images[uncertain])
            outputs = self._forward(views.reshape(-1, *self.input_shape))  # in one pass
            outputs = outputs.reshape(*views.shape[:2], -1)
            logits[uncertain] = np.mean([logits[uncertain], *outputs], axis=0)
            reject[uncertain] = softmax(logits[uncertain])[:, -1]
        return logits, reject

    def _forward(self, images: Array) -> Array:
        if images.ndim != 3 or images.shape[1:] != self.input_shape:
            height, width = self.input_shape
            raise ShapeError(f"images: expected shape (N, {height}, {width}), got {images.shape}")
        return self.network.forward(images[:, None])

    def __repr__(self) -> str:
        return f"Classifier({self.network}, labels={self.labels})"


def _decision(reason: Reason | None) -> Decision:
    return "abstain" if reason else "accept"
