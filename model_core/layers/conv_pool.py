"""Fused convolution and 2x2 max-pooling: the same numbers in less time.

The maximum depends neither on the order of the pixels of a square nor on whether the bias is added
before or after it. The convolution's columns are therefore ordered by their position within the
square: the four candidates for a maximum are four contiguous arrays, and the bias is added to a
quarter of the values.
"""

import numpy as np

from model_core.layers.base import Layer, require
from model_core.layers.conv import Conv2d
from model_core.layers.plan import Plan, Workspace
from model_core.layers.pool import MaxPool2d, plan_maximum
from model_core.layers.windows import images_first, rows_first
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
        self._x: Array | None = None
        self._columns_used: Array | None = None
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

    def plan(self, x: Array, memory: Workspace) -> Plan:
        """Plan the pooled convolution.

        Rows are compared first, which are contiguous in memory.
        """
        products = self.conv.plan_inference_products(x, memory)
        self.pool.check_sides(*products.y.shape[2:])
        halves, over_rows = plan_maximum(rows_first(products.y), 0, POOL, memory)
        rows, over_columns = plan_maximum(halves, 2, POOL, memory)
        y = images_first(rows)
        add_bias = self.conv.plan_inference_bias(y, memory)
        return Plan(x, y, [*products.operations, *over_rows, *over_columns, *add_bias])

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """Return the pooled convolution."""
        if not training:
            return super().forward(x)
        y = self.forward_prepared(self.prepare(x[None])[0])
        self._x = x
        return y

    def prepare(self, batches: Array) -> Array:
        """Return the columns of each batch, by position in the kernel and in the pooling square.

        Shapes: (B, N, C, H, W) -> (B, kernel, C, kernel, 2, 2, H' // 2, W' // 2, N). Within a
        square the column index comes first: left and right neighbours, which are compared first,
        are the two halves of one contiguous array.
        """
        count, n, channels = batches.shape[:3]
        self.conv.check_input(batches[0])
        kernel, pad = self.conv.weight.value.shape[2], self.conv.padding
        convolved = [side + 2 * pad - kernel + 1 for side in batches.shape[3:]]
        self.pool.check_sides(*convolved)
        size, sides = kernel + POOL - 1, [side // POOL for side in convolved]
        # the pixels covered by the four windows of a square, each pixel once
        shape = (count, channels, size, size, *sides, n)
        pixels = self._array("pixels", shape, batches.dtype)
        x = np.ascontiguousarray(batches.transpose(0, 2, 3, 4, 1))  # images last
        if pad:
            x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad), (0, 0)))
        batch, channel, row, column, image = x.strides
        strides = (batch, channel, row, column, POOL * row, POOL * column, image)
        pixels[...] = np.ndarray(shape, x.dtype, x, strides=strides)
        # a view by position in the kernel and in the square, copied to be contiguous
        batch, channel, row, column, *images = pixels.strides
        by_place = (count, kernel, channels, kernel, POOL, POOL, *sides, n)
        places = (batch, row, channel, column, column, row, *images)
        columns = self._array("columns", by_place, batches.dtype)
        columns[...] = np.ndarray(by_place, batches.dtype, pixels, strides=places)
        return columns

    def forward_prepared(self, x: Array, *, training: bool = False) -> Array:  # noqa: ARG002
        """Return the pooled convolution of columns from ``prepare``, for training."""
        kernels, work = self.conv.kernels(), self._products
        if work is None or work.columns_shape != x.shape:
            work = _Products(x.shape, kernels)
        columns = x.reshape(len(kernels), -1)
        columns.T.dot(kernels, work.all)
        np.maximum(work.left, work.right, out=work.halves)
        np.maximum(work.upper, work.lower, out=work.y)
        work.y += self.conv.bias.value
        self._x, self._columns_used, self._products = None, columns, work
        return work.output

    def parameter_gradients(self, grad: Array) -> None:
        """Overwrite the gradients of the convolution's weight and bias, once per forward pass.

        The gradient of each maximum replaces the value that it came from.
        """
        columns, work = require(self._columns_used, self), require(self._products, self)
        self._columns_used = None
        bias = self.conv.bias.grad
        work.output[...] = grad
        ones(len(work.y), grad.dtype).dot(work.y, bias)
        _split(work.y, work.upper, work.lower)
        _split(work.halves, work.left, work.right)
        columns.dot(work.all, self.conv.kernel_gradients())

    def input_gradient(self, grad: Array) -> Array:
        """Return dloss/dinput, by the two layers: a network rarely needs that of its first one."""
        x = require(self._x, self)
        self.pool.forward(self.conv.forward(x, training=True), training=True)
        return self.conv.input_gradient(self.pool.input_gradient(grad))

    def __repr__(self) -> str:
        return f"ConvMaxPool2d({self.conv}, {self.pool})"


class _Products:
    """Buffers for batches of one shape: kernels times columns, and their maxima.

    The backward pass overwrites each array with its gradient.
    """

    def __init__(self, columns_shape: tuple[int, ...], kernels: Array) -> None:
        height, width, n = columns_shape[-3:]
        shape, dtype = (height * width * n, kernels.shape[1]), kernels.dtype
        self.columns_shape = columns_shape
        candidates: Array = np.empty((POOL, POOL, *shape), dtype)
        self.all = candidates.reshape(-1, kernels.shape[1])
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
