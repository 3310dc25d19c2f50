"""Execution plan: the arrays of a forward pass for one batch shape, and the operations on them.

A plan is made once and run for many batches. Allocating the arrays, and finding out shapes and
views, takes longer than the arithmetic for a single image.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from model_core.parameter import Array

# A NumPy function with its arguments, the output among them.
Operation = partial[Any]

# Bytes of a cache line, and of the smallest block that is fetched from the system.
LINE = 64
BLOCK_BYTES = 1 << 18


@dataclass(slots=True)
class Plan:
    """Execution plan of a layer: ``run`` reads ``x`` and the parameters, and writes ``y``.

    ``saved`` is what the backward pass needs besides ``x`` and ``y``.
    """

    x: Array
    y: Array
    operations: Sequence[Operation]
    saved: Array | None = None

    def run(self) -> Array:
        """Return ``y``, calculated from the present values of ``x`` and the parameters."""
        for operation in self.operations:
            operation()
        return self.y


class Workspace:
    """Memory for the arrays of plans of which only one runs at a time.

    The arrays of each plan are taken from the same few large blocks, one after the other.
    """

    def __init__(self) -> None:
        self._blocks: list[Array] = []
        self._block = 0
        self._used = 0

    def restart(self) -> None:
        """Begin a new plan: its arrays share the memory of those handed out so far."""
        self._block = self._used = 0

    def empty_like(self, x: Array) -> Array:
        """Return an uninitialised array of the shape, dtype and order in memory of another one."""
        order = memory_order(x)
        return self.empty(x.transpose(order).shape, x.dtype).transpose(np.argsort(order))

    def empty(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
        """Return an uninitialised array that begins a cache line."""
        size = -(-math.prod(shape) * dtype.itemsize // LINE) * LINE
        while (
            self._block < len(self._blocks) and self._used + size > self._blocks[self._block].size
        ):
            self._block, self._used = self._block + 1, 0
        if self._block == len(self._blocks):
            self._blocks.append(aligned_empty((max(size, BLOCK_BYTES),), np.dtype(np.uint8)))
        start = self._used
        self._used += size
        return np.ndarray(shape, dtype, self._blocks[self._block], start)


def memory_order(x: Array) -> list[int]:
    """Return the axes by falling stride: transposed by it, elements are as they lie in memory."""
    return sorted(range(x.ndim), key=lambda axis: -x.strides[axis])


def constant(
    parameter: Array, shape: tuple[int, ...], memory: Workspace
) -> tuple[Array, list[Operation]]:
    """Return a contiguous copy of a parameter, broadcast, and the operations that write it.

    There are none if the parameter is read-only: its copy is made now, for all passes.
    """
    if parameter.flags.writeable:
        copy = memory.empty(shape, parameter.dtype)
        return copy, [partial(np.copyto, copy, parameter)]
    copy = aligned_empty(shape, parameter.dtype)
    copy[...] = parameter
    return copy, []


def aligned_empty(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """Return an uninitialised array that begins a cache line."""
    size = math.prod(shape) * dtype.itemsize
    block: Array = np.empty(size + LINE, np.uint8)
    return np.ndarray(shape, dtype, block, -block.ctypes.data % LINE)
