"""The grey levels of a picture in order: one sort, from which extremes and quantiles are read."""

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]


def in_order(grey: Grey) -> Grey:
    """Return all grey levels, the darkest first.

    Shapes: any float32 -> (N,) float32.
    """
    return np.sort(grey, axis=None)


def extremes(levels: Grey) -> tuple[float, float]:
    """Return the darkest and the lightest of levels in order, but for one pixel each."""
    spare = int(len(levels) >= 4)
    return float(levels[spare]), float(levels[-1 - spare])


def quantile(levels: Grey, share: float) -> float:
    """Return the level below which this share of levels in order lies."""
    return float(levels[int(share * (len(levels) - 1))])


def up_to(levels: Grey, limit: float) -> int:
    """Return how many of levels in order are at most ``limit``."""
    return int(levels.searchsorted(np.float32(limit), side="right"))
