"""The connected parts of the ink: how much, and where."""

from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.image_ops.connected_components import Runs, in_rows

Grey = NDArray[np.float32]
Flags = NDArray[np.bool_]
Rows = NDArray[np.intp]


class Parts:
    """What is known of each part, worked out when it is asked for; arrays have one value a part.

    ``flat`` are the contrasts as ``in_rows`` puts them.
    """

    def __init__(self, runs: Runs, flat: Grey) -> None:
        self.runs, self.flat = runs, flat
        starts, ends = runs.edges[::2], runs.edges[1::2]
        self.rows = starts // (runs.shape[1] + 1)
        before = self.rows * (runs.shape[1] + 1) + 1
        self.first, self.last = starts - before, ends - before - 1

    @property
    def size(self) -> NDArray[Any]:
        """How many pixels a part has."""
        return self.add(self.last - self.first + 1)

    @cached_property
    def mass(self) -> NDArray[Any]:
        """How much ink."""
        return self.add_pixels(self.flat)

    @property
    def peak(self) -> NDArray[Any]:
        """The contrast of the darkest pixel."""
        result = np.zeros(self.runs.count)
        np.maximum.at(result, self.runs.part, np.maximum.reduceat(self.flat, self.runs.edges)[::2])
        return result

    @cached_property
    def top(self) -> Rows:
        """The first row."""
        result = np.zeros(self.runs.count, np.intp)
        result[self.runs.part[::-1]] = self.rows[::-1]  # of several runs the last one stays
        return result

    @cached_property
    def bottom(self) -> Rows:
        """The last row."""
        result = np.zeros(self.runs.count, np.intp)
        result[self.runs.part] = self.rows
        return result

    @property
    def height(self) -> Rows:
        """How many rows from the first to the last."""
        height: Rows = self.bottom - self.top + 1
        return height

    @cached_property
    def left(self) -> Rows:
        """The first column."""
        result = np.full(self.runs.count, self.runs.shape[1])
        np.minimum.at(result, self.runs.part, self.first)
        return result

    @cached_property
    def right(self) -> Rows:
        """The last column."""
        result = np.zeros(self.runs.count, np.intp)
        np.maximum.at(result, self.runs.part, self.last)
        return result

    @property
    def width(self) -> Rows:
        """How many columns from the first to the last."""
        width: Rows = self.right - self.left + 1
        return width

    def box(self, digit: Flags) -> tuple[slice, slice]:
        """Return the rows and columns that hold the digit; none of both if there is no digit."""
        if not digit.any():
            return slice(0, 0), slice(0, 0)
        chosen = digit[self.runs.part]
        rows, first, last = self.rows[chosen], self.first[chosen], self.last[chosen]
        left, right = int(np.minimum.reduce(first)), int(np.maximum.reduce(last))
        return slice(int(rows[0]), int(rows[-1]) + 1), slice(left, right + 1)

    def add(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return what the values of each part's runs add up to."""
        return np.bincount(self.runs.part, values, self.runs.count)

    def add_pixels(self, flat: Grey) -> NDArray[Any]:
        """Return what the values of each part's pixels add up to."""
        return self.add(np.add.reduceat(flat, self.runs.edges)[::2])


@lru_cache(maxsize=64)
def distance(shape: tuple[int, int]) -> Grey:
    """Return each pixel's distance from the middle, 0.5 at the border, in order as ``in_rows``."""
    y, x = (abs((np.arange(side) + 0.5) / side - 0.5) for side in shape)
    return in_rows(np.maximum(y[:, None], x).astype(np.float32))
