"""Convolution of few images with their channels last in memory: one product for all windows.

The values of a row of a window are then neighbours in memory and are copied at once. Of many images
it is the images that are last: ``windows`` has no need to copy all windows.
"""

from functools import partial

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from model_core.layers.plan import Operation, Plan, Workspace, constant
from model_core.parameter import Array

# Images up to which this layout takes less time than the other one.
FEW = 3


def plan_products(x: Array, weight: Array, stride: int, padding: int, memory: Workspace) -> Plan:
    """Plan a convolution without its bias.

    Shapes: ``x`` (N, C, H, W), ``weight`` (O, C, size, size) -> ``y`` (N, O, H', W'), a view of
    (N, H', W', O).
    """
    image, fill = _pad(x, padding, memory)
    view = _windows(image, weight.shape[2], stride)
    n, height, width, *window = view.shape
    count, size = n * height * width, weight[0].size
    # the longer of the two stays in one piece: the windows' rows, or one value of many windows
    by_value = weight.shape[1] * weight.shape[2] < width
    cut = (
        memory.empty((size, count), x.dtype).T if by_value else memory.empty((count, size), x.dtype)
    )
    kernels, lay_out = constant(weight.transpose(2, 3, 1, 0), (*window, len(weight)), memory)
    y = memory.empty((count, len(weight)), weight.dtype)
    operations: list[Operation] = [
        *fill,
        *lay_out,
        partial(np.copyto, cut.reshape(view.shape), view),
        partial(cut.dot, kernels.reshape(size, -1), y),
    ]
    return Plan(x, y.reshape(n, height, width, -1).transpose(0, 3, 1, 2), operations)


def plan_bias(y: Array, bias: Array, memory: Workspace) -> list[Operation]:
    """Plan the addition of the bias to images (N, O, H', W') with their channels last, in place."""
    pixels = y.transpose(0, 2, 3, 1)
    row, lay_out = constant(bias, pixels.shape[1:], memory)
    flat = pixels.reshape(len(pixels), -1)
    return [*lay_out, partial(np.add, flat, row.reshape(1, -1), flat)]


def _pad(x: Array, padding: int, memory: Workspace) -> tuple[Array, list[Operation]]:
    """Return images (N, C, H, W) as (N, H, W, C), padded, and the operations that fill them."""
    pixels = x.transpose(0, 2, 3, 1)
    if not padding:
        return pixels, []
    n, height, width, channels = pixels.shape
    padded = memory.empty((n, height + 2 * padding, width + 2 * padding, channels), x.dtype)
    inner = padded[:, padding : padding + height, padding : padding + width]
    return padded, [partial(padded.fill, 0), partial(np.copyto, inner, pixels)]


def _windows(image: Array, size: int, step: int) -> Array:
    """Return a view of all windows of images (N, H, W, C): (N, H', W', size, size, C)."""
    view = sliding_window_view(image, (size, size), axis=(1, 2))
    return view[:, ::step, ::step].transpose(0, 1, 2, 4, 5, 3)
