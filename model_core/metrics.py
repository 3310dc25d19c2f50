"""Evaluation metrics: accuracy, RMSE, confusion matrix, calibration error."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_core.errors import ShapeError
from model_core.parameter import Array, ClassIndices


def accuracy(scores: Array, labels: ClassIndices) -> float:
    """Accuracy: the share of rows whose largest score is at the label.

    Shapes: ``scores`` (N, K), logits or probabilities; ``labels`` (N,) integers in 0..K-1; N > 0.
    Units: 0 to 1.
    Raises: ShapeError if there is not exactly one label per row, or no row at all.
    """
    _check(scores, labels)
    return float(np.mean(scores.argmax(axis=1) == labels))


def rmse(output: Array, target: Array) -> float:
    """Root mean squared error.

    Shapes: ``output`` and ``target`` alike, not empty.
    Raises: ShapeError if they differ in shape or are empty.
    """
    if output.shape != target.shape or not output.size:
        raise ShapeError(f"target: expected shape {output.shape}, got {target.shape}")
    return float(np.sqrt(np.mean(np.square(output - target, dtype=np.float64))))


def confusion_matrix(scores: Array, labels: ClassIndices) -> NDArray[np.int64]:
    """Confusion matrix: counts by true label (rows) and predicted label (columns).

    Shapes: ``scores`` (N, K), logits or probabilities; ``labels`` (N,) integers in 0..K-1; N > 0;
    the result is (K, K) int64 and adds up to N.
    Raises: ShapeError if there is not exactly one label per row, or one is out of range.
    """
    _check(scores, labels)
    classes = scores.shape[1]
    if not (labels.min() >= 0 and labels.max() < classes):
        raise ShapeError(
            f"labels: expected 0 to {classes - 1}, got {labels.min()} to {labels.max()}"
        )
    pairs = labels.astype(np.int64) * classes + scores.argmax(axis=1)
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Reliability:
    """Reliability diagram: predictions in bins of equal confidence, ((m - 1) / M, m / M].

    Shapes: all (M,); ``counts`` int64, the others float64.
    Units: ``confidence`` and ``accuracy`` are means over a bin, 0 to 1; NaN where it is empty.
    """

    counts: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @property
    def calibration_error(self) -> float:
        """Expected calibration error (ECE), 0 to 1: |accuracy - confidence|, the mean over images.

        Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", equation 3.
        """
        filled = self.counts > 0
        gaps = np.abs(self.accuracy - self.confidence)[filled]
        return float(gaps @ self.counts[filled] / self.counts.sum())


def reliability(probabilities: Array, labels: ClassIndices, *, bins: int = 15) -> Reliability:
    """Return the reliability diagram: accuracy by confidence.

    Shapes: ``probabilities`` (N, K), ``labels`` (N,) integers in 0..K-1; N > 0; ``bins`` > 0.
    Raises: ShapeError if there is not exactly one label per row, or no row at all.
    """
    _check(probabilities, labels)
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    place = np.searchsorted(np.arange(1, bins) / bins, confidence)
    counts = np.bincount(place, minlength=bins).astype(np.int64)
    sums = (np.bincount(place, weights, bins) for weights in (confidence, right))
    with np.errstate(invalid="ignore"):
        means = [total / counts for total in sums]
    return Reliability(counts, *means)


def _check(scores: Array, labels: ClassIndices) -> None:
    if scores.ndim != 2 or labels.shape != scores.shape[:1] or not len(labels):
        raise ShapeError(
            f"labels: expected one per row of scores {scores.shape}, got shape {labels.shape}"
        )
