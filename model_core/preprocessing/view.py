"""What of a picture is looked at, and looking closer."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.reduce import block_size, reduce

Pixels = NDArray[np.uint8]
Grey = NDArray[np.float32]
Mask = NDArray[np.bool_]

# A digit that is shorter than this in the reduced picture is looked at again, more closely.
SMALL = 40


@dataclass(frozen=True, slots=True)
class View:
    """A picture, what of it is looked at, reduced and with light ink, and the steps so far."""

    pixels: Pixels
    grey: Grey
    block: int
    inverted: bool
    steps: tuple[str, ...]

    def with_step(self, step: str) -> "View":
        """Return the same view with one more step, unless it was taken before."""
        return self if step in self.steps else replace(self, steps=(*self.steps, step))

    def crop(self, rows: slice, columns: slice) -> "View":
        """Return a part, given in blocks."""
        across, down = (
            slice(part.start * self.block, part.stop * self.block) for part in (columns, rows)
        )
        return replace(self, pixels=self.pixels[down, across], grey=self.grey[rows, columns])


def box(mask: Mask) -> tuple[slice, slice]:
    """Return the rows and columns that hold the mask."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def closer(view: View, mask: Mask) -> View | None:
    """Return the surroundings of a small digit with smaller blocks, if that is possible."""
    rows, columns = box(mask)
    longest = max(rows.stop - rows.start, columns.stop - columns.start)
    if view.block == 1 or longest >= SMALL or "removed noise" in view.steps:
        return None
    margin = longest // 3 + 2
    rows, columns = (
        slice(max(0, part.start - margin), min(side, part.stop + margin))
        for part, side in zip((rows, columns), view.grey.shape, strict=True)
    )
    part = view.crop(rows, columns)
    if block_size(part.pixels.shape) == view.block:
        return None
    grey, block = reduce(part.pixels, negative=view.inverted)
    return replace(part, grey=grey, block=block)
