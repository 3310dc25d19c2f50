"""Max-pooling."""

from functools import reduce

import numpy as np
from numpy.typing import NDArray

from model_core.errors import ShapeError
from model_core.layers.base import Layer, check_shape, require
from model_core.layers.windows import images_first
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
        self._input_shape: tuple[int, ...] | None = None
        self._winner: NDArray[np.uint8] | None = None

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """Return the maximum of each window."""
        check_shape("MaxPool2d input", x, (None, None, None, None))
        self.check_sides(*x.shape[2:])
        if not training:
            return _maximum(_maximum(x, 2, self.kernel_size), 3, self.kernel_size)
        self._input_shape = x.shape
        y, self._winner = _first_maximum([x[place] for place in self._places(x.shape)])
        return y

    def input_gradient(self, grad: Array) -> Array:
        """Return ``grad`` at the position of each maximum, 0 elsewhere."""
        shape = require(self._input_shape, self)
        winner = require(self._winner, self)
        n, channels, height, width = shape
        # images last in memory: the layout that the convolution before it needs
        result = images_first(np.zeros((channels, height, width, n), grad.dtype))
        for number, place in enumerate(self._places(shape)):
            result[place] = grad * (winner == number)
        return result

    def check_sides(self, height: int, width: int) -> None:
        """Raise ShapeError if an image is smaller than one window."""
        if min(height, width) < self.kernel_size:
            least = f"{self.kernel_size}x{self.kernel_size}"
            raise ShapeError(
                f"MaxPool2d input: expected at least {least} pixels, got {height}x{width}"
            )

    def _places(self, shape: tuple[int, ...]) -> list[tuple[slice, ...]]:
        """Return, for each position within a window, the index of its pixels in the images."""
        k = self.kernel_size
        height, width = (side // k * k for side in shape[2:])
        whole = slice(None)
        return [
            (whole, whole, slice(i, height, k), slice(j, width, k))
            for i in range(k)
            for j in range(k)
        ]

    def __repr__(self) -> str:
        return f"MaxPool2d({self.kernel_size})"


def _maximum(x: Array, axis: int, kernel: int) -> Array:
    """Return the maximum of every ``kernel`` values next to each other along an axis."""
    whole, stop = (slice(None),) * axis, x.shape[axis] // kernel * kernel
    return reduce(np.maximum, [x[*whole, slice(i, stop, kernel)] for i in range(kernel)])


def _first_maximum(candidates: list[Array]) -> tuple[Array, NDArray[np.uint8]]:
    """Return the element-wise maximum and the index of the first candidate equal to it."""
    best = candidates[0].copy()
    winner = np.zeros(best.shape, np.uint8)
    for number, candidate in enumerate(candidates[1:], start=1):
        np.copyto(winner, number, where=candidate > best)
        np.maximum(best, candidate, out=best)
    return best, winner
