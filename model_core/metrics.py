"""How good answers are."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_core.errors import ShapeError
from model_core.parameter import Array


def accuracy(scores: Array, labels: NDArray[np.integer[Any]]) -> float:
    """Return the share of rows whose largest score is at the label.

    Shapes: ``scores`` (N, K), logits or probabilities; ``labels`` (N,) integers in 0..K-1; N > 0.
    Units: 0 to 1.
    Raises: ShapeError if there is not exactly one label per row, or no row at all.
    """
    if scores.ndim != 2 or labels.shape != scores.shape[:1] or not len(labels):
        raise ShapeError(
            f"labels: expected one per row of scores {scores.shape}, got shape {labels.shape}"
        )
    return float(np.mean(scores.argmax(axis=1) == labels))


def rmse(output: Array, target: Array) -> float:
    """Return the root of the mean squared difference.

    Shapes: ``output`` and ``target`` alike, not empty.
    Raises: ShapeError if they differ in shape or are empty.
    """
    if output.shape != target.shape or not output.size:
        raise ShapeError(f"target: expected shape {output.shape}, got {target.shape}")
    return float(np.sqrt(np.mean(np.square(output - target, dtype=np.float64))))
