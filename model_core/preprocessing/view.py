"""The part of a picture that is looked at, its reduction, and zooming in on it."""

from typing import NamedTuple

import numpy as np

from model_core.preprocessing.image_ops.grey_image import GreyImage
from model_core.preprocessing.image_ops.morphology import binary_dilation
from model_core.preprocessing.image_ops.types import Box, Grey8, Grey32, Mask
from model_core.preprocessing.reduction import (
    blocks_of_spots,
    reduce_to_extremes,
    reduce_to_means,
    reduction_block,
)
from model_core.preprocessing.steps import Change, Step

# Pixels of the reduced picture: a digit whose longer side is shorter is looked at more closely.
# Chosen so that it has at least twice MNIST's 20.
MIN_DIGIT_SIDE = 40

# The surroundings that are kept when zooming in: 1 / this of the digit's longer side ...
# Chosen so that there is paper all around.
ZOOM_MARGIN_DIVISOR = 3

# ... and pixels of the reduced picture, so that the smallest digits have some, too.
ZOOM_MARGIN_PIXELS = 2


class View(NamedTuple):
    """A part of a picture at full size, its reduction, and the steps so far.

    Shapes: ``pixels`` (H, W) uint8, ``image`` (ceil(H / block), ceil(W / block)) float32.
    ``inverted`` is whether ``image`` is of the negative. Units: ``spot``, the side in pixels of the
    spots of which each block has the extreme one; 0 if it holds block means.
    """

    pixels: Grey8
    image: GreyImage
    block: int
    inverted: bool
    spot: int = 0
    steps: tuple[Step, ...] = ()

    def with_step(self, step: Step) -> "View":
        """Return the same view with one more step, unless it was taken before."""
        return self if step in self.steps else self._replace(steps=(*self.steps, step))

    def with_grey(self, grey: Grey32) -> "View":
        """Return the same view with other values of the reduced picture."""
        return self._replace(image=GreyImage(grey))

    def with_light_ink(self, *, light: bool) -> "View":
        """Return the view, or that of its negative, whichever has light ink, with the first steps.

        ``light`` is whether the ink of this one is light.
        """
        inverted = self.inverted == light
        steps = (Change.INVERTED,) * inverted + (Change.KEPT_THIN_STROKES,) * (self.spot > 0)
        image = self.image if light else self.image.negative()
        return self._replace(image=image, inverted=inverted, steps=steps)

    def crop(self, box: Box) -> "View":
        """Return the part within a box, which is given in pixels of the reduced picture."""
        down, across = (slice(side.start * self.block, side.stop * self.block) for side in box)
        return self._replace(pixels=self.pixels[down, across], image=self.image.crop(box))


def expand_box(box: Box, shape: tuple[int, ...], margin: int) -> Box:
    """Return a box with a margin on each side, as far as the picture of ``shape`` reaches."""
    (rows, columns), (height, width) = box, shape
    return (
        slice(max(0, rows.start - margin), min(height, rows.stop + margin)),
        slice(max(0, columns.start - margin), min(width, columns.stop + margin)),
    )


def zoom_in(view: View, box: Box, hidden: Mask | None = None) -> View | None:
    """Return the surroundings of a small digit, reduced less; None if it is large enough.

    ``hidden``, (H, W) bool, are pixels of the reduced picture that are no longer seen.
    """
    rows, columns = box
    longest = max(rows.stop - rows.start, columns.stop - columns.start)
    if view.block == 1 or longest >= MIN_DIGIT_SIDE:
        return None
    margin = longest // ZOOM_MARGIN_DIVISOR + ZOOM_MARGIN_PIXELS
    around = expand_box(box, view.image.pixels.shape, margin)
    part = view.crop(around)
    block, spot = reduction_block(part.pixels.shape), view.spot
    if spot > 1:
        block, spot = blocks_of_spots(part.pixels.shape) or (block, 1)
    if block >= view.block:
        return None
    if hidden is not None:
        part = part._replace(pixels=_hide(part, hidden[around]))
    negative = view.inverted
    image = reduce_to_extremes(part.pixels, block, negative=negative, spot=spot) if spot else None
    image = image or reduce_to_means(part.pixels, block, negative=negative)
    return part._replace(image=image, block=block, spot=spot)


def _hide(view: View, hidden: Mask) -> Grey8:
    """Return the pixels at full size; those under a mask, dilated by a pixel, have the median."""
    height, width = view.pixels.shape
    wide = binary_dilation(hidden).repeat(view.block, 0).repeat(view.block, 1)[:height, :width]
    seen = view.pixels[~wide]
    if not seen.size:
        return view.pixels
    return np.where(wide, np.uint8(np.median(seen)), view.pixels)
