"""Softmax and the loss functions."""

import numpy as np

from model_core.errors import ShapeError
from model_core.parameter import Array, ClassIndices, ones

_FLOAT64 = np.dtype(np.float64)

# exp(x) is a normal float64 for |x| up to this, and so is a sum of thousands of such values.
_LARGEST_POWER = 690


def softmax(logits: Array) -> Array:
    """Softmax over the last axis, stable for logits of any finite size.

    Shapes: ``logits`` (N, K) -> (N, K) float64; each row sums to 1.
    If any logit is large, the largest of each row is subtracted before exponentiating.
    """
    powers: Array = logits.astype(np.float64)
    # the sum of squares is cheaper than the maxima, and bounds every logit
    if logits.dtype == _FLOAT64 or np.vdot(powers, powers) > _LARGEST_POWER**2:
        powers = _below_zero(logits)
    np.exp(powers, out=powers)
    # a product with a matrix of ones gives each row's sum in the shape of the row
    classes = powers.shape[1]
    powers /= powers.dot(ones((classes, classes), powers.dtype))
    return powers


def one_hot(labels: ClassIndices, classes: int) -> Array:
    """One-hot encoding of labels.

    Shapes: ``labels`` (N,) integers in 0..classes-1 -> (N, classes) float32.
    Raises: ShapeError if a label is not one of the classes.
    """
    if labels.ndim != 1 or not np.isin(labels, np.arange(classes)).all():
        raise ShapeError(
            f"labels: expected one axis of 0 to {classes - 1}, got shape {labels.shape}, "
            f"{labels.min(initial=0)} to {labels.max(initial=0)}"
        )
    return np.eye(classes, dtype=np.float32)[labels]


class SoftmaxCrossEntropy:
    """Softmax cross-entropy, mean of ``-sum(target * log(softmax(logits)))``.

    It equals torch.nn.CrossEntropyLoss.

    Shapes: ``logits`` (N, K) float32; ``target`` (N, K), each row a distribution (``one_hot`` makes
    it from labels); the gradient (N, K).
    Units: nats. Finite for logits of any finite size.
    Raises: ShapeError if the two differ in shape.
    """

    def value(self, logits: Array, target: Array) -> float:
        """Return the mean loss."""
        _check_alike(logits, target)
        shifted = _below_zero(logits)
        # clipped at half of the smallest number: no difference and no sum of a batch overflows
        np.maximum(shifted, np.finfo(shifted.dtype).min / 2, out=shifted)
        totals = np.exp(shifted).sum(axis=1, keepdims=True)
        losses = target * (np.log(totals) - shifted)
        return float((losses / len(logits)).sum())

    def gradient(self, logits: Array, target: Array) -> Array:
        """Return ``(softmax(logits) - target) / N``."""
        _check_alike(logits, target)
        gradient = softmax(logits).astype(logits.dtype)
        gradient -= target
        if len(logits) > 1:
            gradient /= len(logits)
        return gradient


class SquaredError:
    """Mean squared error over all elements, as torch.nn.MSELoss.

    Shapes: ``output`` and ``target`` (N, ...) float32, alike; the gradient too.
    Raises: ShapeError if the two differ in shape.
    """

    def value(self, output: Array, target: Array) -> float:
        """Return the mean squared difference."""
        _check_alike(output, target)
        return float(np.square(output - target).mean())

    def gradient(self, output: Array, target: Array) -> Array:
        """Return ``2 * (output - target) / size``."""
        _check_alike(output, target)
        return (output - target) * (2 / output.size)


def _below_zero(logits: Array) -> Array:
    """Return logits minus their row's maximum, in float64; -inf where that underflows."""
    wide = logits.astype(np.float64)
    with np.errstate(over="ignore"):
        return wide - np.maximum.reduce(wide, axis=1, keepdims=True)


def _check_alike(output: Array, target: Array) -> None:
    if output.shape != target.shape:
        raise ShapeError(f"target: expected shape {output.shape}, got {target.shape}")
