"""A trainable array and its gradient are one object."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[np.floating[Any]]


class Parameter:
    """A trainable array with the gradient of the loss that belongs to it.

    Shapes: ``value`` and ``grad`` are float32 of the same shape.
    ``backward`` of a layer overwrites ``grad``; nothing has to be zeroed between steps.
    """

    __slots__ = ("grad", "value")

    def __init__(self, value: Array) -> None:
        self.value = value
        self.grad = np.zeros_like(value)

    def __repr__(self) -> str:
        return f"Parameter{self.value.shape}"


@lru_cache(maxsize=64)
def ones(length: int | tuple[int, ...], dtype: DTypeLike) -> Array:
    """Return a vector of ones: ``ones @ matrix`` adds up rows faster than ``matrix.sum(axis=0)``.

    Shapes: (length,), read-only.
    """
    vector = np.ones(length, dtype)
    vector.flags.writeable = False
    return vector
