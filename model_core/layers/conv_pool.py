"""A convolution and the max-pooling after it in one step: same numbers, half the time.

Pooling does not care in which order the pixels of a square come, nor whether the bias is added
before or after it. So the convolution's columns are ordered by their place within the square: the
four candidates for a maximum are then four contiguous arrays, and the bias is added to a quarter
of the values.
"""

from functools import lru_cache

import numpy as np

from model_core.layers.base import Layer, require
from model_core.layers.conv import Conv2d
from model_core.layers.pool import MaxPool2d
from model_core.layers.windows import add_windows, channels_first, windows
from model_core.parameter import Array, Parameter, ones

POOL = 2


class ConvMaxPool2d(Layer):
    """What ``MaxPool2d(2)`` makes of a ``Conv2d``'s output; the convolution's weights are shared.

    Shapes: ``x`` (N, in_channels, H, W) -> (N, out_channels, H' // 2, W' // 2), both float32, where
    H' and W' are the sides of the convolution's output.
    Raises: ShapeError as the two layers do.
    """

    def __init__(self, conv: Conv2d, pool: MaxPool2d) -> None:
        super().__init__()
        self.conv = conv
        self.pool = pool
        self._columns: Array | None = None
        self._input_shape: tuple[int, ...] | None = None

    @staticmethod
    def join(conv: Layer, pool: Layer) -> "ConvMaxPool2d | None":
        """Return the layer that stands for two, or None if they are no pair for it."""
        if not isinstance(conv, Conv2d) or not isinstance(pool, MaxPool2d):
            return None
        fits = conv.stride == 1 and pool.kernel_size == POOL
        return ConvMaxPool2d(conv, pool) if fits else None

    def parameters(self) -> dict[str, Parameter]:
        """Return the convolution's parameters."""
        return self.conv.parameters()

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """Return the pooled convolution."""
        columns, (n, height, width) = self._cut(x, training=training)
        kernels = self.conv.kernels()
        shape = (POOL, POOL, n * height * width, len(kernels))
        candidates = self._array("candidates", shape, kernels.dtype, training=training)
        columns.T.dot(kernels.T, candidates.reshape(-1, len(kernels)))
        rows = self._array("rows", shape[1:], kernels.dtype, training=training)
        np.maximum(candidates[0], candidates[1], out=rows)
        y = self._array("y", shape[2:], kernels.dtype, training=training)
        np.maximum(rows[0], rows[1], out=y)
        y += self.conv.bias.value
        if training:
            self._columns, self._input_shape = columns, x.shape
        return y.reshape(n, height, width, -1).transpose(0, 3, 1, 2)

    def parameter_gradients(self, grad: Array) -> None:
        """Overwrite the gradients of the convolution's weight and bias."""
        columns = require(self._columns, self)
        weight, bias = self.conv.weight.grad, self.conv.bias.grad
        pixels = self._array("grad", (grad.size // len(weight), len(weight)), grad.dtype)
        pixels.reshape(len(grad), *grad.shape[2:], -1)[...] = grad.transpose(0, 2, 3, 1)
        ones(len(pixels), grad.dtype).dot(pixels, bias)
        self._spread(pixels).T.dot(columns.T, weight.reshape(len(weight), -1))

    def input_gradient(self, grad: Array) -> Array:
        """Return dloss/dinput; needs ``parameter_gradients`` of the same ``grad`` before it."""
        n, channels, height, width = require(self._input_shape, self)
        kernel, pad = self.conv.weight.value.shape[2], self.conv.padding
        spread = self._arrays["spread"].reshape(-1, grad.shape[1])
        shares = self._array("shares", (channels * kernel**2, len(spread)), grad.dtype)
        self.conv.kernels().T.dot(spread.T, shares)
        pixels = self._arrays["pixels"]
        pixels[...] = 0
        cut = (channels, kernel, kernel, POOL, POOL, *pixels.shape[3:])
        for i, j in np.ndindex(kernel, kernel):
            pixels[:, i : i + POOL, j : j + POOL] += shares.reshape(cut)[:, i, j].swapaxes(1, 2)
        total_shape = (channels, n, height + 2 * pad, width + 2 * pad)
        total = self._array("dx", total_shape, grad.dtype)
        add_windows(pixels, total, POOL)
        return total[:, :, pad : pad + height, pad : pad + width].transpose(1, 0, 2, 3)

    def _cut(self, x: Array, *, training: bool) -> tuple[Array, tuple[int, ...]]:
        """Return every window as a column, by place in its square, and (N, height, width)."""
        self.conv.check_input(x)
        kernel = self.conv.weight.value.shape[2]
        # the pixels under all four kernels of a square, each pixel once
        squares = windows(channels_first(x, self.conv.padding), kernel + POOL - 1, POOL)
        self.pool.check_sides(squares.shape[4] * POOL, squares.shape[5] * POOL)
        pixels = self._array("pixels", squares.shape, x.dtype, training=training)
        pixels[...] = squares
        places = _places(pixels, kernel)
        columns = self._array("columns", places.shape, x.dtype, training=training)
        columns[...] = places
        return columns.reshape(x.shape[1] * kernel**2, -1), squares.shape[3:]

    def _spread(self, grad: Array) -> Array:
        """Return ``grad`` at the place of each maximum, going back from one to two to four.

        Shapes: (pixels, C) -> (4 * pixels, C).
        """
        candidates, rows = self._arrays["candidates"], self._arrays["rows"]
        halves = self._array("halves", rows.shape, grad.dtype)
        _split(grad, rows[0], rows[1], halves[0], halves[1])
        spread = self._array("spread", candidates.shape, grad.dtype)
        _split(halves, candidates[0], candidates[1], spread[0], spread[1])
        return spread.reshape(-1, grad.shape[1])

    def __repr__(self) -> str:
        return f"ConvMaxPool2d({self.conv}, {self.pool})"


def _places(pixels: Array, kernel: int) -> Array:
    """Return a view of the pixels by place in the kernel and place in the pooling square.

    Shapes: (C, kernel + 1, kernel + 1, ...) -> (C, kernel, kernel, 2, 2, ...), contiguous images.
    Of the two places in the square the column comes first: then left and right neighbours, which
    are compared first, are the two halves of one contiguous array.
    """
    shape, strides = _layout(pixels.shape, pixels.strides, kernel)
    return np.ndarray(shape, pixels.dtype, pixels, strides=strides)


@lru_cache(maxsize=64)
def _layout(
    shape: tuple[int, ...], strides: tuple[int, ...], kernel: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    channels, row, column, *images = strides
    view = (shape[0], kernel, kernel, POOL, POOL, *shape[3:])
    return view, (channels, row, column, column, row, *images)


def _split(grad: Array, one: Array, other: Array, grad_one: Array, grad_other: Array) -> None:
    """Give ``grad`` to the larger of two, to the first if they are equal.

    What the first does not get is left for the second.
    """
    np.multiply(grad, one >= other, out=grad_one)
    np.subtract(grad, grad_one, out=grad_other)
