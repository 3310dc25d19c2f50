"""Max-pooling."""

from functools import partial

import numpy as np

from model_core.errors import ShapeError
from model_core.layers.base import Layer, check_shape, require
from model_core.layers.plan import Operation, Plan, Workspace
from model_core.layers.windows import images_first, rows_first
from model_core.parameter import Array


class MaxPool2d(Layer):
    """2D max-pooling with a stride of ``kernel_size``, as torch.nn.MaxPool2d.

    Shapes: ``x`` (N, C, H, W) -> ``y`` (N, C, H // kernel_size, W // kernel_size), both float32.
    Incomplete windows at the lower and right border are ignored.
    Of tied maxima the first in reading order gets the whole gradient.
    Raises: ShapeError for any other shape of ``x``, or an image smaller than one square.
    """

    def __init__(self, kernel_size: int) -> None:
        super().__init__()
        self.kernel_size = kernel_size

    def plan(self, x: Array, memory: Workspace) -> Plan:
        """Plan the maximum of each window: first of its columns, then of its rows."""
        check_shape("MaxPool2d input", x, (None, None, None, None))
        self.check_sides(*x.shape[2:])
        rows = rows_first(x)
        halves, over_columns = plan_maximum(rows, 2, self.kernel_size, memory)
        y, over_rows = plan_maximum(halves, 0, self.kernel_size, memory)
        return Plan(x, images_first(y), over_columns + over_rows, halves)

    def input_gradient(self, grad: Array) -> Array:
        """Return ``grad`` at the position of each maximum, 0 elsewhere."""
        plan = require(self._plan, self)
        halves, x = require(plan.saved, self), rows_first(plan.x)
        half_grad = self._array("halves", halves.shape, grad.dtype)
        _split(rows_first(grad), halves, 0, self.kernel_size, rows_first(plan.y), half_grad)
        total = self._array("dx", x.shape, grad.dtype)
        _split(half_grad, x, 2, self.kernel_size, halves, total)
        return images_first(total)

    def check_sides(self, height: int, width: int) -> None:
        """Raise ShapeError if an image is smaller than one window."""
        if min(height, width) < self.kernel_size:
            least = f"{self.kernel_size}x{self.kernel_size}"
            raise ShapeError(
                f"MaxPool2d input: expected at least {least} pixels, got {height}x{width}"
            )

    def __repr__(self) -> str:
        return f"MaxPool2d({self.kernel_size})"


def plan_maximum(
    x: Array, axis: int, kernel: int, memory: Workspace
) -> tuple[Array, list[Operation]]:
    """Plan the maximum of every ``kernel`` values next to each other along an axis."""
    first, *others = _neighbours(x, axis, kernel)
    y = memory.empty_like(first)
    operations: list[Operation] = []
    for other in others:
        operations.append(partial(np.maximum, first, other, out=y))
        first = y
    return y, operations or [partial(np.copyto, y, first)]


def _split(grad: Array, x: Array, axis: int, kernel: int, maximum: Array, out: Array) -> None:
    """Write the gradient of a maximum along an axis to where it came from, 0 elsewhere.

    Of equal values the first gets all of it.
    """
    if x.shape[axis] % kernel:
        out[...] = 0
    *others, last = _neighbours(out, axis, kernel)
    left = grad
    for value, share in zip(_neighbours(x, axis, kernel), others, strict=False):
        # the mask is stored as numbers first: numbers times booleans take longer
        share[...] = value == maximum
        share *= left
        left = np.subtract(left, share, out=last)
    if left is not last:
        last[...] = left


def _neighbours(x: Array, axis: int, kernel: int) -> list[Array]:
    """Return views of the first, second, ... value of every window along an axis."""
    whole, stop = (slice(None),) * axis, x.shape[axis] // kernel * kernel
    return [x[*whole, slice(i, stop, kernel)] for i in range(kernel)]
