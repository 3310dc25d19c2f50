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

    Shapes: ``value`` and ``grad`` are float32 of the same shape and the same order in memory, which
    need not be that of the axes; there are no gaps in it.
    ``backward`` of a layer overwrites ``grad``, which is uninitialised before; there is no need to
    zero it between steps.
    """

    __slots__ = ("grad", "value")

    def __init__(self, value: Array) -> None:
        self.value = value
        # not zeros_like, which writes the zeros: inference never touches this memory
        self.grad = np.empty_like(value)

    def move(self, value: Array, grad: Array) -> None:
        """Move the parameter into other memory, (size,) each; its order in memory is kept.

        The gradient is not copied: the next ``backward`` writes it.
        """
        old = self.value
        self.value, self.grad = (
            np.ndarray(old.shape, old.dtype, memory, strides=old.strides)
            for memory in (value, grad)
        )
        self.value[...] = old

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


_zeros: dict[np.dtype[Any], Array] = {}


def zeros(size: int, dtype: np.dtype[Any]) -> Array:
    """Return an array of zeros (size,), read-only: a part of the largest one so far."""
    array = _zeros.get(dtype)
    if array is None or array.size < size:
        array = np.zeros(size, dtype)
        array.flags.writeable = False
        _zeros[dtype] = array
    return array[:size]
