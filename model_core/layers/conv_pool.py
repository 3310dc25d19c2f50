"""Fused convolution and 2x2 max-pooling: the same numbers in less time.

The maximum depends neither on the order of the pixels of a square nor on whether the bias is added
before or after it. The convolution's columns are therefore ordered by their position within the
square: the four candidates for a maximum are four contiguous arrays, and the bias is added to a
quarter of the values.
"""

import numpy as np

from model_core.layers.base import Layer, require
from model_core.layers.conv import Conv2d
from model_core.layers.pool import MaxPool2d
from model_core.layers.windows import add_windows, images_first, images_last, windows
from model_core.parameter import Array, Parameter, ones

POOL = 2


class ConvMaxPool2d(Layer):
    """Fused layer: ``MaxPool2d(2)`` of a ``Conv2d``, whose parameters it shares.

    Shapes: ``x`` (N, in_channels, H, W) -> (N, out_channels, H' // 2, W' // 2), both float32, where
    H' and W' are the sides of the convolution's output.
    Raises: ShapeError as the two layers do.
    """

    def __init__(self, conv: Conv2d, pool: MaxPool2d) -> None:
        super().__init__()
        self.conv = conv
        self.pool = pool
        self._input_shape: tuple[int, ...] | None = None
        self._rows: Array | None = None
        self._products: _Products | None = None

    @staticmethod
    def join(conv: Layer, pool: Layer) -> "ConvMaxPool2d | None":
        """Return the fused layer of two, or None if these two cannot be fused."""
        if not isinstance(conv, Conv2d) or not isinstance(pool, MaxPool2d):
            return None
        fits = conv.stride == 1 and pool.kernel_size == POOL
        return ConvMaxPool2d(conv, pool) if fits else None

    def parameters(self) -> dict[str, Parameter]:
        """Return the convolution's parameters."""
        return self.conv.parameters()

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """Return the pooled convolution."""
        if not training:
            y = self.pool.forward(self.conv.convolve(x))
            y += self.conv.bias.value[:, None, None]
            return y
        y = self.forward_prepared(self._columns(x[None])[0])
        self._input_shape = x.shape
        return y

    def prepare(self, batches: Array) -> Array:
        """Return the columns of each batch, by position in the kernel and in the pooling square.

        Shapes: (B, N, C, H, W) -> (B, C, kernel, kernel, 2, 2, H' // 2, W' // 2, N). Within a
        square the column index comes first: left and right neighbours, which are compared first,
        are the two halves of one contiguous array.
        """
        return self._columns(batches)

    def forward_prepared(self, x: Array, *, training: bool = False) -> Array:  # noqa: ARG002
        """Return the pooled convolution of columns from ``prepare``, for training."""
        kernels, work = self.conv.kernels(), self._products
        if work is None or work.columns_shape != x.shape:
            work = _Products(x.shape, kernels)
        rows = x.reshape(kernels.shape[1], -1).T
        rows.dot(kernels.T, work.all)
        np.maximum(work.left, work.right, out=work.halves)
        np.maximum(work.upper, work.lower, out=work.y)
        work.y += self.conv.bias.value
        self._input_shape, self._rows, self._products = None, rows, work
        return work.output

    def parameter_gradients(self, grad: Array) -> None:
        """Overwrite the gradients of the convolution's weight and bias, once per forward pass.

        The gradient of each maximum replaces the value that it came from.
        """
        rows, work = require(self._rows, self), require(self._products, self)
        self._rows = None
        weight, bias = self.conv.weight.grad, self.conv.bias.grad
        work.output[...] = grad
        ones(len(work.y), grad.dtype).dot(work.y, bias)
        _split(work.y, work.upper, work.lower)
        _split(work.halves, work.left, work.right)
        work.all.T.dot(rows, weight.reshape(len(weight), -1))

    def input_gradient(self, grad: Array) -> Array:
        """Return dloss/dinput; needs ``parameter_gradients`` of the same ``grad`` before it."""
        work = require(self._products, self)
        n, channels, height, width = require(self._input_shape, self)
        kernels, pad = self.conv.kernels(), self.conv.padding
        kernel = self.conv.weight.value.shape[2]
        shares = self._array("shares", (kernels.shape[1], len(work.all)), grad.dtype)
        kernels.T.dot(work.all.T, shares)
        by_place = shares.reshape(work.columns_shape)
        shape = (channels, kernel + 1, kernel + 1, *grad.shape[2:], n)
        pixels = self._array("dpixels", shape, grad.dtype)
        pixels[...] = 0
        for i, j in np.ndindex(kernel, kernel):
            pixels[:, i : i + POOL, j : j + POOL] += by_place[:, i, j].swapaxes(1, 2)
        total_shape = (channels, height + 2 * pad, width + 2 * pad, n)
        total = self._array("dx", total_shape, grad.dtype)
        add_windows(pixels, total, POOL)
        return images_first(total[:, pad : pad + height, pad : pad + width])

    def _columns(self, batches: Array) -> Array:
        """Return the columns of ``prepare``."""
        count, n, channels = batches.shape[:3]
        self.conv.check_input(batches[0])
        kernel, pad = self.conv.weight.value.shape[2], 2 * self.conv.padding
        sides = [side + pad - kernel + 1 for side in batches.shape[3:]]
        self.pool.check_sides(*sides)
        size, sides = kernel + POOL - 1, [side // POOL for side in sides]
        # the pixels covered by the four windows of a square, each pixel once
        shape = (count, channels, size, size, *sides, n)
        pixels = self._array("pixels", shape, batches.dtype)
        x = images_last(batches, self.conv.padding)
        pixels[...] = windows(x.reshape(-1, *x.shape[2:]), size, POOL).reshape(shape)
        # a view by position in the kernel and in the square, copied to be contiguous
        batch, channel, row, column, *images = pixels.strides
        shape = (count, channels, kernel, kernel, POOL, POOL, *sides, n)
        strides = (batch, channel, row, column, column, row, *images)
        columns = self._array("columns", shape, batches.dtype)
        columns[...] = np.ndarray(shape, batches.dtype, pixels, strides=strides)
        return columns

    def __repr__(self) -> str:
        return f"ConvMaxPool2d({self.conv}, {self.pool})"


class _Products:
    """Buffers for batches of one shape: kernels times columns, and their maxima.

    The backward pass overwrites each array with its gradient.
    """

    __slots__ = (
        "all",
        "columns_shape",
        "halves",
        "left",
        "lower",
        "output",
        "right",
        "upper",
        "y",
    )

    def __init__(self, columns_shape: tuple[int, ...], kernels: Array) -> None:
        height, width, n = columns_shape[-3:]
        shape, dtype = (height * width * n, len(kernels)), kernels.dtype
        self.columns_shape = columns_shape
        candidates: Array = np.empty((POOL, POOL, *shape), dtype)
        self.all = candidates.reshape(-1, len(kernels))
        self.left, self.right = candidates
        self.halves: Array = np.empty((POOL, *shape), dtype)
        self.upper, self.lower = self.halves
        self.y: Array = np.empty(shape, dtype)
        self.output = self.y.reshape(height, width, n, -1).transpose(2, 3, 0, 1)


def _split(grad: Array, one: Array, other: Array) -> None:
    """Overwrite two arrays with the gradient of their maximum; of equal values ``one`` gets it.

    The mask is stored as numbers before it is multiplied: numbers times booleans take longer.
    """
    one[...] = one >= other
    one *= grad
    np.subtract(grad, one, out=other)
