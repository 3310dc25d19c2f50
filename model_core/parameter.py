"""Trainable parameter: an array with its gradient."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[np.floating[Any]]
# Class of each example: an index into the labels.
ClassIndices = NDArray[np.integer[Any]]


class Parameter:
    """Trainable parameter with the gradient of the loss.

    Shapes: ``value`` and ``grad`` are float32 of the same shape.
    ``backward`` of a layer overwrites ``grad``; there is no need to zero it between steps.
    """

    __slots__ = ("grad", "value")

    def __init__(self, value: Array) -> None:
        self.value = value
        self.grad = np.zeros_like(value)

    def __repr__(self) -> str:
        return f"Parameter{self.value.shape}"


@lru_cache(maxsize=64)
def ones(length: int | tuple[int, ...], dtype: DTypeLike) -> Array:
    """Return a cached array of ones: ``ones @ matrix`` is faster than ``matrix.sum(axis=0)``.

    Shapes: (length,) or the given shape, read-only.
    """
    vector = np.ones(length, dtype)
    vector.flags.writeable = False
    return vector
