"""Convolution by im2col and one matrix product."""

import math

import numpy as np

from model_core.errors import ShapeError
from model_core.initializers import he_normal
from model_core.layers.base import Layer, check_shape, require
from model_core.layers.windows import add_windows, images_first, images_last, windows
from model_core.parameter import Array, Parameter, ones


class Conv2d(Layer):
    """2D convolution (cross-correlation) with learned square kernels, as torch.nn.Conv2d.

    Shapes: ``x`` (N, in_channels, H, W) -> ``y`` (N, out_channels, H', W'), both float32, with
    H' = (H + 2 * padding - kernel_size) // stride + 1 and W' likewise;
    ``weight`` (out_channels, in_channels, kernel_size, kernel_size), ``bias`` (out_channels,).
    Raises: ShapeError for any other shape of ``x``, or an image smaller than the kernel.

    Every window of every image becomes one column (im2col, Chellapilla et al. 2006, section 2.1),
    so that the whole batch is one matrix product. N comes last in memory: the product's result
    needs no rearranging, and (N, C, H, W) is a view of it.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        *,
        stride: int = 1,
        padding: int = 0,
        rng: np.random.Generator,
    ) -> None:
        super().__init__()
        shape = (out_channels, in_channels, kernel_size, kernel_size)
        self.weight = Parameter(he_normal(shape, fan_in=in_channels * kernel_size**2, rng=rng))
        self.bias = Parameter(np.zeros(out_channels, np.float32))
        self.stride = stride
        self.padding = padding
        self._columns: Array | None = None
        self._input_shape: tuple[int, ...] | None = None

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """Return the convolved images."""
        y = self.convolve(x, training=training)
        y += self.bias.value[:, None, None]
        return y

    def convolve(self, x: Array, *, training: bool = False) -> Array:
        """Return the convolved images without the bias."""
        self.check_input(x)
        kernels = self.kernels()
        cut = windows(
            images_last(x[None], self.padding)[0], self.weight.value.shape[2], self.stride
        )
        size = (kernels.shape[1], math.prod(cut.shape[3:]))
        columns = self._array("columns", size, x.dtype, training=training)
        columns.reshape(cut.shape)[...] = cut
        y = self._array("y", (len(kernels), size[1]), kernels.dtype, training=training)
        kernels.dot(columns, y)
        if training:
            self._columns, self._input_shape = columns, x.shape
        return images_first(y.reshape(-1, *cut.shape[3:]))

    def parameter_gradients(self, grad: Array) -> None:
        """Overwrite the gradients of weight and bias."""
        columns = require(self._columns, self)
        rows = images_last(grad[None]).reshape(grad.shape[1], -1)
        rows.dot(columns.T, self.weight.grad.reshape(len(rows), -1))
        rows.dot(ones(rows.shape[1], rows.dtype), self.bias.grad)

    def input_gradient(self, grad: Array) -> Array:
        """Return dloss/dinput: the windows' gradients, summed where windows overlap (col2im)."""
        n, channels, height, width = require(self._input_shape, self)
        kernel, pad = self.weight.value.shape[2], self.padding
        rows = images_last(grad[None]).reshape(grad.shape[1], -1)
        shares = self._array("shares", (channels * kernel**2, rows.shape[1]), grad.dtype)
        self.kernels().T.dot(rows, shares)
        total_shape = (channels, height + 2 * pad, width + 2 * pad, n)
        total = self._array("dx", total_shape, grad.dtype)
        cut = (channels, kernel, kernel, *grad.shape[2:], n)
        add_windows(shares.reshape(cut), total, self.stride)
        return images_first(total[:, pad : pad + height, pad : pad + width])

    def kernels(self) -> Array:
        """Return the weight as a matrix view with one row per kernel."""
        weight = self.weight.value
        return weight.reshape(len(weight), -1)

    def check_input(self, x: Array) -> None:
        """Raise ShapeError unless ``x`` is a batch of images at least as large as the kernel."""
        _, in_channels, kernel, _ = self.weight.value.shape
        if x.ndim != 4 or x.shape[1] != in_channels:
            check_shape("Conv2d input", x, (None, in_channels, None, None))
        height, width = x.shape[2:]
        if (height if height < width else width) + 2 * self.padding < kernel:
            raise ShapeError(
                f"Conv2d input: expected at least {kernel}x{kernel} pixels after padding by "
                f"{self.padding}, got {height}x{width}"
            )

    def __repr__(self) -> str:
        out_channels, in_channels, kernel, _ = self.weight.value.shape
        options = f"stride={self.stride}, padding={self.padding}"
        return f"Conv2d({in_channels}, {out_channels}, {kernel}, {options})"
