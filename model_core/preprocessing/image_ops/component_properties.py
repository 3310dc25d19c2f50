"""Properties of connected components: area, bounding box, intensity sum and maximum."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.image_ops.connected_components import LabelledRuns
from model_core.preprocessing.image_ops.lazy_property import lazy_property
from model_core.preprocessing.image_ops.types import Box, Flags, Grey32, Integers, Numbers


class ComponentProperties:
    """Properties of each component, computed when first asked for.

    Shapes: ``padded`` holds the intensities (H, W) in the order of ``pad_rows``; ``shape`` is
    (H, W). Each property is (N,) with one value a component, in the order of its label, for the
    ``count`` = N components.
    """

    def __init__(self, runs: LabelledRuns, padded: Grey32 | Flags) -> None:
        self.runs, self.padded = runs, padded
        self.shape, self.count = runs.shape, runs.count
        starts, ends = runs.edges[::2], runs.edges[1::2]
        self.run_rows: Integers = starts // (runs.shape[1] + 1)
        before = self.run_rows * (runs.shape[1] + 1) + 1
        self.run_starts: Integers = starts - before
        self.run_ends: Integers = ends - before - 1

    @lazy_property
    def box(self) -> Box:
        """The bounding box of all components; (0:0, 0:0) if there is none."""
        return _bounding_box(self.run_rows, self.run_starts, self.run_ends)

    @lazy_property
    def area(self) -> Numbers:
        """The number of pixels."""
        return self.sum_over_runs(self.run_ends - self.run_starts + 1)

    @lazy_property
    def intensity_sum(self) -> Numbers:
        """The sum of the intensities of all pixels."""
        return self.sum_over_pixels(self.padded)

    @lazy_property
    def intensity_max(self) -> Numbers:
        """The greatest intensity of a pixel."""
        result = np.zeros(self.count)
        peaks = np.maximum.reduceat(self.padded, self.runs.edges)[::2]
        np.maximum.at(result, self.runs.label, peaks)
        return result

    @lazy_property
    def top(self) -> Integers:
        """The first row."""
        if self.count == 1:
            return self.run_rows[:1]
        result = np.zeros(self.count, np.intp)
        result[self.runs.label[::-1]] = self.run_rows[::-1]  # of several runs the last one stays
        return result

    @lazy_property
    def bottom(self) -> Integers:
        """The last row, inclusive."""
        if self.count == 1:
            return self.run_rows[-1:]
        result = np.zeros(self.count, np.intp)
        result[self.runs.label] = self.run_rows
        return result

    @lazy_property
    def height(self) -> Integers:
        """The number of rows of the bounding box."""
        return self.bottom - self.top + 1

    @lazy_property
    def left(self) -> Integers:
        """The first column."""
        result = np.full(self.count, self.shape[1])
        np.minimum.at(result, self.runs.label, self.run_starts)
        return result

    @lazy_property
    def right(self) -> Integers:
        """The last column, inclusive."""
        result = np.zeros(self.count, np.intp)
        np.maximum.at(result, self.runs.label, self.run_ends)
        return result

    @lazy_property
    def width(self) -> Integers:
        """The number of columns of the bounding box."""
        return self.right - self.left + 1

    def bounding_box(self, chosen: Flags) -> Box:
        """Return the bounding box of all ``chosen`` components; (0:0, 0:0) if there is none."""
        if chosen.all():
            return self.box
        inside = chosen[self.runs.label]
        return _bounding_box(self.run_rows[inside], self.run_starts[inside], self.run_ends[inside])

    def distance(self, box: Box) -> Integers:
        """Return the pixels from a box to the bounding box of each component; 0 if they overlap.

        Those that touch are 1 apart.
        """
        rows, columns = box
        down = np.maximum(self.top - rows.stop + 1, rows.start - self.bottom)
        across = np.maximum(self.left - columns.stop + 1, columns.start - self.right)
        pixels: Integers = np.maximum(np.maximum(down, across), 0)
        return pixels

    def sum_over_runs(self, values: NDArray[Any]) -> Numbers:
        """Return the sum of the values (R,) of each component's runs."""
        sums: NDArray[Any] = np.bincount(self.runs.label, values, self.count)
        return sums

    def sum_over_pixels(self, padded: Grey32 | Flags) -> Numbers:
        """Return the sum of the values of each component's pixels, in the order of ``pad_rows``."""
        return self.sum_over_runs(np.add.reduceat(padded, self.runs.edges)[::2])


def _bounding_box(rows: Integers, starts: Integers, ends: Integers) -> Box:
    """Return the bounding box of runs, which are in the order of their rows."""
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    left, right = int(np.minimum.reduce(starts)), int(np.maximum.reduce(ends))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(left, right + 1)
