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
from model_core.layers.windows import add_windows, channels_first, windows
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
        columns = self._columns(x[None], training=training)
        y = self.forward_prepared(columns[0], training=training)
        if training:
            self._input_shape = x.shape
        return y

    def prepare(self, batches: Array) -> Array:
        """Return the columns of each batch, by position in the kernel and in the pooling square.

        Shapes: (B, N, C, H, W) -> (B, C, kernel, kernel, 2, 2, N, H' // 2, W' // 2). Within a
        square the column index comes first: left and right neighbours, which are compared first,
        are the two halves of one contiguous array.
        """
        return self._columns(batches, training=True)

    def forward_prepared(self, x: Array, *, training: bool = False) -> Array:
        """Return the pooled convolution of columns from ``prepare``."""
        kernels, work = self.conv.kernels(), self._products
        if not training or work is None or work.columns_shape != x.shape:
            work = _Products(x.shape, kernels)
        rows = x.reshape(kernels.shape[1], -1).T
        rows.dot(kernels.T, work.all)
        np.maximum(work.left, work.right, out=work.halves)
        np.maximum(work.upper, work.lower, out=work.y)
        work.y += self.conv.bias.value
        if training:
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
        shape = (channels, kernel + 1, kernel + 1, n, *grad.shape[2:])
        pixels = self._array("dpixels", shape, grad.dtype)
        pixels[...] = 0
        for i, j in np.ndindex(kernel, kernel):
            pixels[:, i : i + POOL, j : j + POOL] += by_place[:, i, j].swapaxes(1, 2)
        total_shape = (channels, n, height + 2 * pad, width + 2 * pad)
        total = self._array("dx", total_shape, grad.dtype)
        add_windows(pixels, total, POOL)
        return total[:, :, pad : pad + height, pad : pad + width].transpose(1, 0, 2, 3)

    def _columns(self, batches: Array, *, training: bool) -> Array:
        """Return the columns of ``prepare``, in new memory unless ``training``."""
        count, n, channels = batches.shape[:3]
        x = batches.reshape(count * n, *batches.shape[2:])
        self.conv.check_input(x)
        kernel, pad = self.conv.weight.value.shape[2], 2 * self.conv.padding
        sides = [side + pad - kernel + 1 for side in x.shape[2:]]
        self.pool.check_sides(*sides)
        size, sides = kernel + POOL - 1, [side // POOL for side in sides]
        # the pixels covered by the four windows of a square, each pixel once
        shape = (count, channels, size, size, n, *sides)
        pixels = self._array("pixels", shape, x.dtype, training=training)
        cut = windows(channels_first(x, self.conv.padding), size, POOL)
        by_batch = cut.reshape(channels, size, size, count, n, *sides)
        pixels[...] = by_batch.transpose(3, 0, 1, 2, 4, 5, 6)
        # a view by position in the kernel and in the square, copied to be contiguous
        batch, channel, row, column, *images = pixels.strides
        shape = (count, channels, kernel, kernel, POOL, POOL, n, *sides)
        strides = (batch, channel, row, column, column, row, *images)
        columns = self._array("columns", shape, x.dtype, training=training)
        columns[...] = np.ndarray(shape, x.dtype, pixels, strides=strides)
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
        n, height, width = columns_shape[-3:]
        shape, dtype = (n * height * width, len(kernels)), kernels.dtype
        self.columns_shape = columns_shape
        candidates: Array = np.empty((POOL, POOL, *shape), dtype)
        self.all = candidates.reshape(-1, len(kernels))
        self.left, self.right = candidates
        self.halves: Array = np.empty((POOL, *shape), dtype)
        self.upper, self.lower = self.halves
        self.y: Array = np.empty(shape, dtype)
        self.output = self.y.reshape(n, height, width, -1).transpose(0, 3, 1, 2)


def _split(grad: Array, one: Array, other: Array) -> None:
    """Overwrite two arrays with the gradient of their maximum; of equal values ``one`` gets it.

    The mask is stored as numbers before it is multiplied: numbers times booleans take longer.
    """
    one[...] = one >= other
    one *= grad
    np.subtract(grad, one, out=other)
