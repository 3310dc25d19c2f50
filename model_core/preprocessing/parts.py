"""The connected parts of the ink: how much, where, and how they lie to the border."""

from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.components import Runs, in_rows

Grey = NDArray[np.float32]
Flags = NDArray[np.bool_]
Rows = NDArray[np.intp]

# Parts with less than this share of the main part's mass are specks.
SPECK = 0.06

# What lies this far from the main part, in shares of its length, belongs to it: less at the border,
# where a neighbour may reach in; farther off, where it was written with it, as the dot of an i.
NEAR, APART = 0.2, 0.5

# What is farther from the middle than this is at the border; the border itself is at 0.5.
OUTER = 0.36


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
        return self._add(self.last - self.first + 1)

    @cached_property
    def mass(self) -> NDArray[Any]:
        """How much ink."""
        return self._add_pixels(self.flat)

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

    def digit(self, strong: float) -> Flags:
        """Return which parts make up the digit: the main one, and what lies close to it.

        Units: ``strong`` is the contrast that the digit's darkest pixel has at least.
        """
        if not self.runs.count:
            return np.zeros(0, np.bool_)
        eligible = (self.peak >= strong) & ~self._is_frame()
        if np.count_nonzero(eligible) < 2:
            return eligible
        centred = self.mass - self._add_pixels(self.flat * _distance(self.runs.shape))
        main = int(np.argmax(np.where(eligible, centred, -1)))
        touches = self._touches()
        near = np.where(touches, NEAR, APART) * self._length()[main] + 1
        chosen: Flags = (
            eligible
            & (self.mass >= SPECK * self.mass[main])
            & (self._gap(main) <= near)
            & (~touches | touches[main])
        )
        return chosen

    def specks(self, digit: Flags) -> int:
        """Return how many parts outside the digit are mere specks."""
        if digit.all():
            return 0
        least = SPECK * self.mass[digit].max(initial=0)
        return int(np.count_nonzero(self.mass[~digit] < least))

    def box(self, digit: Flags) -> tuple[slice, slice]:
        """Return the rows and columns that hold the digit; none of both if there is no digit."""
        if not digit.any():
            return slice(0, 0), slice(0, 0)
        chosen = digit[self.runs.part]
        rows, first, last = self.rows[chosen], self.first[chosen], self.last[chosen]
        left, right = int(np.minimum.reduce(first)), int(np.maximum.reduce(last))
        return slice(int(rows[0]), int(rows[-1]) + 1), slice(left, right + 1)

    def _add(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return what the values of each part's runs add up to."""
        return np.bincount(self.runs.part, values, self.runs.count)

    def _add_pixels(self, flat: Grey) -> NDArray[Any]:
        """Return what the values of each part's pixels add up to."""
        return self._add(np.add.reduceat(flat, self.runs.edges)[::2])

    def _is_frame(self) -> Flags:
        """Tell which parts run along the border: beside a digit, as a line, or around a corner."""
        outer = self._add_pixels(self.flat * _outer(self.runs.shape)) / self.mass
        hugs: Flags = outer > 0.75
        if not hugs.any():
            return hugs
        height, width = self.bottom - self.top + 1, self.right - self.left + 1
        tall, wide = height / self.runs.shape[0], width / self.runs.shape[1]
        length, longest = np.maximum(height, width), max(self.runs.shape)
        inside = ~hugs & (np.maximum(tall, wide) > 0.2)
        large = (tall > 0.6) & (wide > 0.6)
        line = (length >= 4 * np.minimum(height, width)) & (length > 0.25 * longest)
        corner = self._corner() > np.where(large, 0.46, 0.4)  # a thin 0 may fill the picture
        around = corner & ((tall > 0.4) | (wide > 0.4)) & (length > 0.25 * longest)
        result: Flags = hugs & (bool(inside.any()) | (line & ~large) | around)
        return result

    def _corner(self) -> NDArray[Any]:
        """Return how near each part comes to one of the four corners, which is at 0.5."""
        height, width = self.runs.shape
        y = abs((self.rows + 0.5) / height - 0.5)
        x = np.maximum(0.5 - (self.first + 0.5) / width, (self.last + 0.5) / width - 0.5)
        result = np.zeros(self.runs.count)
        np.maximum.at(result, self.runs.part, np.minimum(y, x))
        return result

    def _touches(self) -> Flags:
        """Tell which parts lie at the border."""
        height, width = self.runs.shape
        down, across = height // 40, width // 40
        result: Flags = (
            (self.top <= down)
            | (self.left <= across)
            | (self.bottom >= height - 1 - down)
            | (self.right >= width - 1 - across)
        )
        return result

    def _length(self) -> NDArray[np.intp]:
        length: NDArray[np.intp] = np.maximum(self.bottom - self.top, self.right - self.left)
        return length

    def _gap(self, main: int) -> NDArray[np.intp]:
        """Return how far the box of each part is from that of the main part."""
        down = np.maximum(self.top - self.bottom[main], self.top[main] - self.bottom)
        across = np.maximum(self.left - self.right[main], self.left[main] - self.right)
        gap: NDArray[np.intp] = np.maximum(down, across)
        return gap


@lru_cache(maxsize=64)
def _distance(shape: tuple[int, int]) -> Grey:
    """Return each pixel's distance from the middle, 0.5 at the border, in order as ``in_rows``."""
    y, x = (abs((np.arange(side) + 0.5) / side - 0.5) for side in shape)
    return in_rows(np.maximum(y[:, None], x).astype(np.float32))


@lru_cache(maxsize=64)
def _outer(shape: tuple[int, int]) -> Flags:
    """Return which pixels lie near the border, in order as ``in_rows``."""
    far: Flags = _distance(shape) > OUTER
    return far
