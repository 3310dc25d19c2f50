"""Convolution as one matrix product."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from model_core.errors import ShapeError
from model_core.initializers import he_normal
from model_core.layers.base import Layer, check_shape, require
from model_core.parameter import Array, Parameter


class Conv2d(Layer):
    """Cross-correlation of images with learned square kernels, as torch.nn.Conv2d.

    Shapes: ``x`` (N, in_channels, H, W) -> ``y`` (N, out_channels, H', W'), both float32, with
    H' = (H + 2 * padding - kernel_size) // stride + 1 and W' likewise;
    ``weight`` (out_channels, in_channels, kernel_size, kernel_size), ``bias`` (out_channels,).
    Raises: ShapeError for any other shape of ``x``, or an image smaller than the kernel.

    Every window of every image is laid out as a column once, so that the whole batch is one matrix
    product (Chellapilla et al. 2006, section 2.1). Channels come first in memory, before N: then
    the product's result needs no rearranging, and (N, C, H, W) is a view on it.
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
        shape = (out_channels, in_channels, kernel_size, kernel_size)
        self.weight = Parameter(he_normal(shape, fan_in=in_channels * kernel_size**2, rng=rng))
        self.bias = Parameter(np.zeros(out_channels, np.float32))
        self.stride = stride
        self.padding = padding
        self._columns: Array | None = None
        self._input_shape: tuple[int, ...] | None = None

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """Return the convolved images."""
        out_channels, in_channels, kernel, _ = self.weight.value.shape
        check_shape("Conv2d input", x, (None, in_channels, None, None))
        height, width = self._output_size(x)
        columns = self._cut(x).reshape(in_channels * kernel**2, len(x) * height * width)
        if training:
            self._columns, self._input_shape = columns, x.shape
        y = self.weight.value.reshape(out_channels, -1) @ columns
        y += self.bias.value[:, None]
        return y.reshape(out_channels, len(x), height, width).transpose(1, 0, 2, 3)

    def parameter_gradients(self, grad: Array) -> None:
        """Overwrite the gradients of weight and bias."""
        columns = require(self._columns, self)
        rows = _channels_first(grad)
        np.matmul(rows, columns.T, out=self.weight.grad.reshape(len(rows), -1))
        np.add.reduce(rows, axis=1, out=self.bias.grad)

    def input_gradient(self, grad: Array) -> Array:
        """Return dloss/dinput: each window's share, added up where windows overlap."""
        n, channels, height, width = require(self._input_shape, self)
        out_channels, _, kernel, _ = self.weight.value.shape
        shares = self.weight.value.reshape(out_channels, -1).T @ _channels_first(grad)
        shares = shares.reshape(channels, kernel, kernel, n, *grad.shape[2:])
        pad, step = self.padding, self.stride
        total = np.zeros((channels, n, height + 2 * pad, width + 2 * pad), shares.dtype)
        for i in range(kernel):
            for j in range(kernel):
                rows = slice(i, i + step * grad.shape[2], step)
                columns = slice(j, j + step * grad.shape[3], step)
                total[:, :, rows, columns] += shares[:, i, j]
        return total[:, :, pad : pad + height, pad : pad + width].transpose(1, 0, 2, 3)

    def _output_size(self, x: Array) -> tuple[int, int]:
        kernel = self.weight.value.shape[2]
        height, width = (side + 2 * self.padding - kernel for side in x.shape[2:])
        if min(height, width) < 0:
            raise ShapeError(
                f"Conv2d input: expected at least {kernel}x{kernel} pixels after padding by "
                f"{self.padding}, got {x.shape[2]}x{x.shape[3]}"
            )
        return height // self.stride + 1, width // self.stride + 1

    def _cut(self, x: Array) -> Array:
        """Return a view of every window: (in_channels, kernel, kernel, N, H', W')."""
        if self.padding:
            around = (self.padding, self.padding)
            x = np.pad(x, ((0, 0), (0, 0), around, around))
        kernel = self.weight.value.shape[2:]
        windows = sliding_window_view(x, kernel, axis=(2, 3))
        windows = windows[:, :, :: self.stride, :: self.stride]
        return windows.transpose(1, 4, 5, 0, 2, 3)

    def __repr__(self) -> str:
        out_channels, in_channels, kernel, _ = self.weight.value.shape
        options = f"stride={self.stride}, padding={self.padding}"
        return f"Conv2d({in_channels}, {out_channels}, {kernel}, {options})"


def _channels_first(grad: Array) -> Array:
    """Return (N, C, H, W) as (C, N * H * W)."""
    return grad.transpose(1, 0, 2, 3).reshape(grad.shape[1], -1)
