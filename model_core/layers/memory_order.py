"""Order of an array's axes in memory."""

import numpy as np

from model_core.layers.plan import Workspace
from model_core.parameter import Array


def in_memory_order(x: Array) -> Array:
    """Return a view with the axes by falling stride, as its elements lie in memory."""
    return x.transpose(_order(x))


def empty_like(x: Array, memory: Workspace) -> Array:
    """Return an uninitialised array of the same shape, dtype and order in memory, contiguous."""
    order = _order(x)
    return memory.empty(x.transpose(order).shape, x.dtype).transpose(np.argsort(order))


def _order(x: Array) -> list[int]:
    return sorted(range(x.ndim), key=lambda axis: -x.strides[axis])
