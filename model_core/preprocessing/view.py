"""What of a picture is looked at, and looking closer."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.image_ops.block_reduce import block_size, reduce, reduce_thin
from model_core.preprocessing.image_ops.order_statistics import in_order

Pixels = NDArray[np.uint8]
Grey = NDArray[np.float32]
Box = tuple[slice, slice]

# A digit that is shorter than this in the reduced picture is looked at again, more closely.
SMALL = 40


@dataclass(frozen=True, slots=True)
class View:
    """A picture, what of it is looked at, reduced and with light ink, and the steps so far.

    ``levels`` are those of ``grey`` in order; ``thin`` is whether ``reduce_thin`` made them.
    """

    pixels: Pixels
    grey: Grey
    levels: Grey
    block: int
    inverted: bool
    thin: bool
    steps: tuple[str, ...]

    def with_step(self, step: str) -> "View":
        """Return the same view with one more step, unless it was taken before."""
        return self if step in self.steps else replace(self, steps=(*self.steps, step))

    def with_grey(self, grey: Grey) -> "View":
        """Return the same view of changed levels."""
        return replace(self, grey=grey, levels=in_order(grey))

    def crop(self, rows: slice, columns: slice) -> "View":
        """Return a part, given in blocks."""
        across, down = (
            slice(part.start * self.block, part.stop * self.block) for part in (columns, rows)
        )
        part = replace(self, pixels=self.pixels[down, across])
        return part.with_grey(self.grey[rows, columns])


def surroundings(box: Box, shape: tuple[int, ...], margin: int) -> Box:
    """Return a box with a margin, as far as the picture reaches."""
    (rows, columns), (height, width) = box, shape
    return (
        slice(max(0, rows.start - margin), min(height, rows.stop + margin)),
        slice(max(0, columns.start - margin), min(width, columns.stop + margin)),
    )


def closer(view: View, box: Box) -> View | None:
    """Return the surroundings of a small digit with smaller blocks, if that is possible."""
    rows, columns = box
    longest = max(rows.stop - rows.start, columns.stop - columns.start)
    if view.block == 1 or longest >= SMALL or "removed noise" in view.steps:
        return None
    part = view.crop(*surroundings(box, view.grey.shape, longest // 3 + 2))
    if block_size(part.pixels.shape) == view.block:
        return None
    grey, block = reduce(part.pixels, negative=view.inverted)
    if view.thin:
        thin = reduce_thin(part.pixels, negative=view.inverted)
        grey = grey if thin is None else thin
    return replace(part, block=block).with_grey(grey)
