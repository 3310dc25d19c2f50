"""A convolution and the max-pooling after it in one step: same numbers, less time.

Pooling does not care in which order the pixels of a square come, nor whether the bias is added
before or after it. So the convolution's columns are ordered by their place within the square: the
four candidates for a maximum are then four contiguous arrays, and the bias is added to a quarter
of the values.
"""

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
        self._work: _Workspace | None = None

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
        work = self._workspace(x, training=training)
        kernels, images = self.conv.kernels(), channels_first(x, self.conv.padding)
        # the pixels under all four kernels of a square, each pixel once
        work.pixels[...] = windows(images, work.pixels.shape[1], POOL)
        work.columns[...] = work.places
        work.rows.dot(kernels.T, work.products)
        np.maximum(work.candidates[0], work.candidates[1], out=work.halves)
        np.maximum(work.halves[0], work.halves[1], out=work.y)
        work.y += self.conv.bias.value
        return work.output

    def parameter_gradients(self, grad: Array) -> None:
        """Overwrite the gradients of the convolution's weight and bias."""
        work = require(self._work, self)
        weight, bias = self.conv.weight.grad, self.conv.bias.grad
        pixels = self._array("grad", work.y.shape, grad.dtype)
        pixels.reshape(len(grad), *grad.shape[2:], -1)[...] = grad.transpose(0, 2, 3, 1)
        ones(len(pixels), grad.dtype).dot(pixels, bias)
        self._spread(pixels, work).T.dot(work.rows, weight.reshape(len(weight), -1))

    def input_gradient(self, grad: Array) -> Array:
        """Return dloss/dinput; needs ``parameter_gradients`` of the same ``grad`` before it."""
        work = require(self._work, self)
        n, channels, height, width = work.input_shape
        kernel, pad = self.conv.weight.value.shape[2], self.conv.padding
        spread = self._arrays["spread"].reshape(-1, grad.shape[1])
        shares = self._array("shares", work.rows.shape[::-1], grad.dtype)
        self.conv.kernels().T.dot(spread.T, shares)
        by_place = shares.reshape(work.columns.shape)
        work.pixels[...] = 0
        for i, j in np.ndindex(kernel, kernel):
            work.pixels[:, i : i + POOL, j : j + POOL] += by_place[:, i, j].swapaxes(1, 2)
        total_shape = (channels, n, height + 2 * pad, width + 2 * pad)
        total = self._array("dx", total_shape, grad.dtype)
        add_windows(work.pixels, total, POOL)
        return total[:, :, pad : pad + height, pad : pad + width].transpose(1, 0, 2, 3)

    def _workspace(self, x: Array, *, training: bool) -> "_Workspace":
        """Return memory for a batch: in training that of the last batch, if it had the shape."""
        kept = self._work
        if training and kept and kept.input_shape == x.shape and kept.y.dtype == x.dtype:
            return kept
        self.conv.check_input(x)
        kernel, pad = self.conv.weight.value.shape[2], 2 * self.conv.padding
        sides = [side + pad - kernel + 1 for side in x.shape[2:]]
        self.pool.check_sides(*sides)
        work = _Workspace(x, self.conv.weight.value, [side // POOL for side in sides])
        if training:
            self._work = work
        return work

    def _spread(self, grad: Array, work: "_Workspace") -> Array:
        """Return ``grad`` at the place of each maximum, going back from one to two to four.

        Shapes: (pixels, C) -> (4 * pixels, C).
        """
        halves = self._array("halves", work.halves.shape, grad.dtype)
        _split(grad, work.halves[0], work.halves[1], halves[0], halves[1])
        spread = self._array("spread", work.candidates.shape, grad.dtype)
        _split(halves, work.candidates[0], work.candidates[1], spread[0], spread[1])
        return spread.reshape(-1, grad.shape[1])

    def __repr__(self) -> str:
        return f"ConvMaxPool2d({self.conv}, {self.pool})"


class _Workspace:
    """What a batch of one shape needs in memory, and the views of it.

    Of the two places in a pooling square the column comes first: then left and right neighbours,
    which are compared first, are the two halves of one contiguous array.
    """

    __slots__ = (
        "candidates",
        "columns",
        "halves",
        "input_shape",
        "output",
        "pixels",
        "places",
        "products",
        "rows",
        "y",
    )

    def __init__(self, x: Array, weight: Array, sides: list[int]) -> None:
        out_channels, channels, kernel, _ = weight.shape
        size, n, count = kernel + POOL - 1, len(x), len(x) * sides[0] * sides[1]
        self.input_shape = x.shape
        self.pixels: Array = np.empty((channels, size, size, n, *sides), x.dtype)
        # the pixels by place in the kernel and in the square, and a copy of it to multiply
        channel, row, column, *images = self.pixels.strides
        shape = (channels, kernel, kernel, POOL, POOL, n, *sides)
        strides = (channel, row, column, column, row, *images)
        self.places: Array = np.ndarray(shape, x.dtype, self.pixels, strides=strides)
        self.columns: Array = np.empty(shape, x.dtype)
        self.rows = self.columns.reshape(channels * kernel**2, -1).T
        self.candidates: Array = np.empty((POOL, POOL, count, out_channels), weight.dtype)
        self.products = self.candidates.reshape(-1, out_channels)
        self.halves: Array = np.empty((POOL, count, out_channels), weight.dtype)
        self.y: Array = np.empty((count, out_channels), weight.dtype)
        self.output = self.y.reshape(n, *sides, -1).transpose(0, 3, 1, 2)


def _split(grad: Array, one: Array, other: Array, grad_one: Array, grad_other: Array) -> None:
    """Give ``grad`` to the larger of two, to the first if they are equal.

    What the first does not get is left for the second.
    """
    np.multiply(grad, one >= other, out=grad_one)
    np.subtract(grad, grad_one, out=grad_other)
