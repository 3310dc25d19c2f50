"""What training minimises."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from model_core.errors import ShapeError
from model_core.parameter import Array

Labels = NDArray[np.integer[Any]]


class Loss(Protocol):
    """A loss gives its mean over a batch together with its gradient."""

    def value_and_gradient(self, output: Array, target: Any) -> tuple[float, Array]:
        """Return the mean loss of the batch and dloss/doutput."""
        ...


def softmax(logits: Array) -> Array:
    """Return the probabilities that belong to logits.

    Shapes: ``logits`` (N, K) -> (N, K), of the same dtype; each row sums to 1.
    Logits of any finite size are right: the largest of a row is subtracted before exponentiating.
    """
    powers = np.exp(_below_zero(logits))
    powers /= powers.sum(axis=1, keepdims=True)
    return powers


class SoftmaxCrossEntropy:
    """Mean of ``-log(softmax(logits)[label])``, as torch.nn.CrossEntropyLoss.

    Shapes: ``logits`` (N, K) float32, ``labels`` (N,) integers in 0..K-1; the gradient (N, K).
    Units: nats. Finite for logits of any finite size.
    Raises: ShapeError if there is not exactly one label per row of logits, or a label is no column.
    """

    def value_and_gradient(self, logits: Array, labels: Labels) -> tuple[float, Array]:
        """Return the mean loss and ``(softmax(logits) - one_hot(labels)) / N``."""
        n = _check_labels(logits, labels)
        shifted = _below_zero(logits)
        gradient = np.exp(shifted)
        totals = gradient.sum(axis=1, keepdims=True)
        rows = np.arange(n)
        # a logit smaller by more than half of what the dtype can hold counts as that half: then
        # neither the difference nor the sum of the batch overflows
        chosen = np.maximum(shifted[rows, labels], np.finfo(shifted.dtype).min / 2)
        value = float((np.log(totals[:, 0]) / n - chosen / n).sum())
        gradient /= totals * n
        gradient[rows, labels] -= 1 / n
        return value, gradient


class SquaredError:
    """Mean of squared differences over all elements, as torch.nn.MSELoss.

    Shapes: ``output`` and ``target`` (N, ...) float32, alike; the gradient too.
    Raises: ShapeError if the two differ in shape.
    """

    def value_and_gradient(self, output: Array, target: Array) -> tuple[float, Array]:
        """Return the mean squared difference and ``2 * (output - target) / size``."""
        if output.shape != target.shape:
            raise ShapeError(f"target: expected shape {output.shape}, got {target.shape}")
        difference = output - target
        value = float(np.square(difference).mean())
        gradient: Array = difference * (2 / difference.size)
        return value, gradient


def _below_zero(logits: Array) -> Array:
    """Return logits minus the largest of their row; -inf where the difference is too large."""
    with np.errstate(over="ignore"):
        shifted: Array = logits - logits.max(axis=1, keepdims=True)
    return shifted


def _check_labels(logits: Array, labels: Labels) -> int:
    if logits.ndim != 2 or labels.shape != logits.shape[:1]:
        raise ShapeError(
            f"labels: expected one per row of logits {logits.shape}, got shape {labels.shape}"
        )
    if len(labels) and not (labels.min() >= 0 and labels.max() < logits.shape[1]):
        raise ShapeError(
            f"labels: expected 0 to {logits.shape[1] - 1}, got {labels.min()} to {labels.max()}"
        )
    return len(labels)
