"""Scaling the digit into 20x20 and placing it by its mass in 28x28, as MNIST was made."""

import functools

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.image_ops.order_statistics import in_order, quantile
from model_core.preprocessing.mnist_format import BOX, SIDE

Grey = NDArray[np.float32]

# Strokes that cover less than this share of their pixels are thinner than MNIST's ever are; and how
# much ink the pixels beside them get.
THIN = 0.7
EDGE = 0.7

_PLACES = np.arange(SIDE, dtype=np.float32)


def saturate(contrast: Grey, ink: Grey) -> Grey:
    """Return how much of each pixel is ink, 0..1: all of it where most of a stroke's pixels are.

    Shapes: ``contrast`` (H, W) float32 -> the same; ``ink`` (N,) are the contrasts within strokes
    in order.
    """
    share: Grey = np.minimum(contrast / np.float32(quantile(ink, 0.7)), 1)
    return share


def scale(digit: Grey) -> tuple[Grey, bool]:
    """Return a digit at the size of MNIST's, and whether its strokes were made thicker.

    Shapes: (H, W) float32 -> (h, w) float32, the larger of them 20, in proportion.
    Strokes that cover their pixels only in part are stretched in contrast; thin ones grow, too.
    """
    longest = max(digit.shape)
    height, width = (max(1, round(BOX * side / longest)) for side in digit.shape)
    rows, columns = _cover(digit.shape[0], height), _cover(digit.shape[1], width)
    result = (rows @ digit @ columns.T).astype(np.float32, copy=False)
    covered = quantile(
        in_order(result[result > 0.3 * float(np.maximum.reduce(result, axis=None))]), 0.75
    )
    stretched: Grey = np.minimum(result / np.float32(covered), 1)
    return (_thicken(stretched), True) if covered < THIN else (stretched, False)


def _thicken(scaled: Grey) -> Grey:
    """Return strokes that are more than a pixel wider, with soft edges."""
    padded = np.pad(scaled, 1)
    sides = (padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:])
    thick: Grey = np.maximum(scaled, np.float32(EDGE) * np.maximum.reduce(sides))
    return thick


def place(scaled: Grey) -> NDArray[np.uint8]:
    """Return 28x28 with the centre of mass in the middle; as near as the picture's border allows.

    Units: 0..1 in, 0..255 out.
    """
    height, width = scaled.shape
    middle = (SIDE - 1) / 2
    across, down = np.add.reduce(scaled), np.add.reduce(scaled, axis=1)
    total = float(np.add.reduce(across)) or 1.0
    down, across = (float(ink @ _PLACES[: len(ink)]) / total for ink in (down, across))
    top = min(max(round(middle - down), 0), SIDE - height)
    left = min(max(round(middle - across), 0), SIDE - width)
    result = np.zeros((SIDE, SIDE), np.uint8)
    result[top : top + height, left : left + width] = np.rint(scaled * 255)
    return result


@functools.lru_cache(maxsize=512)
def _cover(length: int, count: int) -> Grey:
    """Return (count, length): the share of each old pixel in each new one, 1 in all."""
    step = length / count
    starts = np.arange(count)[:, None] * step
    old = np.arange(length)
    overlap = np.minimum(starts + step, old + 1) - np.maximum(starts, old)
    share: NDArray[np.float64] = np.maximum(overlap, 0) / step
    return share.astype(np.float32)
