"""Convolution as matrix products, one for each row of windows."""

from functools import partial

import numpy as np

from model_core.errors import ShapeError
from model_core.initializers import he_normal
from model_core.layers import channels_last
from model_core.layers.base import Layer, check_shape, require
from model_core.layers.plan import Operation, Plan, Workspace
from model_core.layers.windows import (
    add_windows,
    columns,
    images_first,
    plan_rows,
    rows_first,
    windows,
)
from model_core.parameter import Array, Parameter, ones

# Order of a kernel's axes in memory: row, input channel, column, output channel.
KERNEL_LAYOUT = "HIWO"


class Conv2d(Layer):
    """2D convolution (cross-correlation) with learned square kernels, as torch.nn.Conv2d.

    Shapes: ``x`` (N, in_channels, H, W) -> ``y`` (N, out_channels, H', W'), both float32, with
    H' = (H + 2 * padding - kernel_size) // stride + 1 and W' likewise;
    ``weight`` (out_channels, in_channels, kernel_size, kernel_size), ``bias`` (out_channels,).
    Raises: ShapeError for any other shape of ``x``, or an image smaller than the kernel.

    Every window of every image becomes one column (im2col, Chellapilla et al. 2006, section 2.1).
    Of the kernel's rows only one is cut: the others are neighbours in memory (``windows``).
    ``y`` is a view of (H', out_channels, W', N): the layout that the next convolution reads.
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
        weight = he_normal(shape, fan_in=in_channels * kernel_size**2, rng=rng)
        # the order in memory is that of the columns: ``kernels`` is a view
        by_row = np.ascontiguousarray(weight.transpose(2, 1, 3, 0))
        self.weight = Parameter(by_row.transpose(3, 1, 0, 2))
        self.bias = Parameter(np.zeros(out_channels, np.float32))
        self.stride = stride
        self.padding = padding

    def plan(self, x: Array, memory: Workspace) -> Plan:
        """Plan the convolution."""
        self.check_input(x)
        plan = self._plan_products(x, memory)
        add_bias = self._plan_bias(plan.y, memory)
        return Plan(x, plan.y, [*plan.operations, *add_bias], plan.saved)

    def plan_inference(self, x: Array, memory: Workspace) -> Plan:
        """Plan the convolution; the channels of few images are last in memory."""
        plan = self.plan_inference_products(x, memory)
        add_bias = self.plan_inference_bias(plan.y, memory)
        return Plan(x, plan.y, [*plan.operations, *add_bias])

    def plan_inference_products(self, x: Array, memory: Workspace) -> Plan:
        """Plan the convolution without the bias."""
        self.check_input(x)
        if len(x) > channels_last.FEW:
            return self._plan_products(x, memory)
        return channels_last.plan_products(x, self.weight.value, self.stride, self.padding, memory)

    def plan_inference_bias(self, y: Array, memory: Workspace) -> list[Operation]:
        """Plan the addition of the bias to the products or their maxima, in place."""
        if len(y) > channels_last.FEW:
            return self._plan_bias(y, memory)
        return channels_last.plan_bias(y, self.bias.value, memory)

    def _plan_products(self, x: Array, memory: Workspace) -> Plan:
        kernels, size = self.kernels(), self.weight.value.shape[2]
        rows, fill = plan_rows(x, self.padding, memory)
        view = windows(rows, size, self.stride)
        cut = memory.empty(view.shape, x.dtype)
        matrices = columns(cut, size, self.stride)
        y = memory.empty((len(matrices), kernels.shape[1], matrices.shape[2]), kernels.dtype)
        operations: list[Operation] = [
            *fill,
            partial(np.copyto, cut, view),
            partial(np.matmul, kernels.T, matrices, y),
        ]
        images = images_first(y.reshape(*y.shape[:2], *cut.shape[3:]))
        return Plan(x, images, operations, matrices)

    def _plan_bias(self, y: Array, memory: Workspace) -> list[Operation]:
        """Plan the addition of the bias to images, in place.

        The bias of a whole row of pixels is laid out first: one long addition for each row takes
        less time than a short one for each channel.
        """
        rows = rows_first(y)
        bias = memory.empty(rows.shape[1:], y.dtype)
        flat = rows.reshape(len(rows), -1)
        return [
            partial(np.copyto, bias, self.bias.value[:, None, None]),
            partial(np.add, flat, bias.reshape(-1), flat),
        ]

    def parameter_gradients(self, grad: Array) -> None:
        """Overwrite the gradients of weight and bias."""
        matrices = require(require(self._plan, self).saved, self)
        rows = self._rows(grad)
        np.matmul(matrices, rows.transpose(0, 2, 1)).sum(axis=0, out=self.kernel_gradients())
        rows.sum(axis=0).dot(ones(rows.shape[2], rows.dtype), self.bias.grad)

    def input_gradient(self, grad: Array) -> Array:
        """Return dloss/dinput: the windows' gradients, summed where windows overlap (col2im).

        One row of windows at a time: those of all rows would leave the processor's cache.
        """
        n, channels, height, width = require(self._plan, self).x.shape
        size, pad, step = self.weight.value.shape[2], self.padding, self.stride
        rows, kernels = self._rows(grad), self.kernels()
        shape = size, channels, size, grad.shape[3], n
        shares = self._array("shares", shape, grad.dtype)
        matrix = shares.reshape(len(kernels), -1)
        total = self._array("dx", (height + 2 * pad, channels, width + 2 * pad, n), grad.dtype)
        total.fill(0)
        for row in reversed(range(len(rows))):
            np.matmul(kernels, rows[row], matrix)
            add_windows(shares, total[row * step : row * step + size], step)
        return images_first(total[pad : pad + height, :, pad : pad + width])

    def kernels(self) -> Array:
        """Return the weight as a matrix view: a column per kernel, by row, channel, column."""
        return _by_row(self.weight.value)

    def kernel_gradients(self) -> Array:
        """Return the weight's gradient in the shape of ``kernels``, also a view."""
        return _by_row(self.weight.grad)

    def _rows(self, grad: Array) -> Array:
        """Return (N, out_channels, H', W') as (H', out_channels, W' * N), contiguous."""
        rows = np.ascontiguousarray(rows_first(grad))
        return rows.reshape(*rows.shape[:2], -1)

    def check_input(self, x: Array) -> None:
        """Raise ShapeError unless ``x`` is a batch of images at least as large as the kernel."""
        _, in_channels, kernel, _ = self.weight.value.shape
        check_shape("Conv2d input", x, (None, in_channels, None, None))
        height, width = x.shape[2:]
        if min(height, width) + 2 * self.padding < kernel:
            raise ShapeError(
                f"Conv2d input: expected at least {kernel}x{kernel} pixels after padding by "
                f"{self.padding}, got {height}x{width}"
            )

    def __repr__(self) -> str:
        out_channels, in_channels, kernel, _ = self.weight.value.shape
        options = f"stride={self.stride}, padding={self.padding}"
        return f"Conv2d({in_channels}, {out_channels}, {kernel}, {options})"


def _by_row(weight: Array) -> Array:
    return weight.transpose(2, 1, 3, 0).reshape(-1, len(weight))
