"""The paper around ink: what is left when everything as narrow as a stroke is gone."""

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.image_ops.order_statistics import extremes, quantile, up_to

Grey = NDArray[np.float32]

# Paper whose levels differ by less than this share of all contrast is taken to be even.
EVEN = 0.15

# Solid ink is as light as the lightest pixels; a shadow is not, if there is ink in it.
SOLID = 0.85


def opening(grey: Grey, part: int = 4) -> Grey:
    """Return the picture without light parts that hold no square of a ``part`` of its side.

    Shapes: (H, W) float32 -> the same. The edges of shadows stay where they are.
    """
    size = max(3, max(grey.shape) // part) | 1
    lowest = _slide(np.minimum, _slide(np.minimum, grey, size).T, size).T
    result: Grey = _slide(np.maximum, _slide(np.maximum, lowest, size).T, size).T
    return result


def even_level(grey: Grey, levels: Grey) -> float | None:
    """Return the level of the paper behind light ink if it is the same everywhere, else None.

    Shapes: ``grey`` (H, W) float32; ``levels`` (H * W,) are the same in order.
    """
    low, high = extremes(levels)
    middle = (low + high) / 2
    dark = levels[: up_to(levels, middle)]
    if quantile(dark, 0.7) - quantile(dark, 0.1) > EVEN * (high - low):
        return None
    if len(dark) < len(levels):
        light = grey > middle
        solid = quantile(levels[len(dark) :], 0.5) >= low + SOLID * (high - low)
        if _has_square(light, 4 if solid else 6) and (not solid or _has_full_corner(light)):
            return None
    return quantile(dark, 0.5)


def _has_square(light: NDArray[np.bool_], part: int) -> bool:
    """Tell whether a square at the border, a part of the side, is all light: as in a shadow."""
    size = max(light.shape) // part
    if size < 2 or size > min(light.shape):
        return False
    border = np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]])
    if np.count_nonzero(border) < size:
        return False
    height, width = light.shape
    edges = (light[:size], light[height - size :], light[:, :size].T, light[:, width - size :].T)
    return any(_longest_run(np.logical_and.reduce(edge)) >= size for edge in edges)


def _has_full_corner(light: NDArray[np.bool_]) -> bool:
    tall, wide = (-(-side // 8) for side in light.shape)
    rows = (light[:tall], light[-tall:])
    return any(bool(part.all()) for row in rows for part in (row[:, :wide], row[:, -wide:]))


def _longest_run(flags: NDArray[np.bool_]) -> int:
    gaps = np.flatnonzero(~np.concatenate([[False], flags, [False]]))
    return int(np.diff(gaps).max()) - 1


def _slide(choose: np.ufunc, grey: Grey, size: int) -> Grey:
    """Return the least or greatest of ``size`` rows (odd) around each, by doubling."""
    half = size // 2
    ends = -np.inf if choose is np.maximum else np.inf
    rows = np.full((len(grey) + 2 * half, grey.shape[1]), ends, np.float32)
    rows[half : half + len(grey)] = grey
    span = 1
    while span < size:
        step = min(span, size - span)
        rows = choose(rows[:-step], rows[step:])
        span += step
    return rows
