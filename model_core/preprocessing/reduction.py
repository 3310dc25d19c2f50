"""Reduction of a picture to at most 96 pixels a side, on which everything is decided."""

import numpy as np

from model_core.preprocessing.image_ops.block_reduce import block_extremes, block_mean
from model_core.preprocessing.image_ops.grey_image import GreyImage
from model_core.preprocessing.image_ops.order_statistics import midpoint_median
from model_core.preprocessing.image_ops.types import WHITE, Grey8

# Pixels of the longer side of a reduced picture at most: chosen so that a digit that fills it has
# more than four times MNIST's 20, and that the work after it does not depend on a picture's size.
MAX_SIDE = 96

# Grey levels from the median of the blocks' extremes to the outermost one: thin strokes have at
# least this contrast. Chosen so that a pen of one pixel is kept, and the noise of paper is not.
MIN_THIN_CONTRAST = 60

# The same for spots of several pixels, in which the noise of paper is less. Chosen as the ink's
# least contrast.
MIN_PALE_CONTRAST = 20

# Pixels: pale strokes are looked for in spots if the blocks have at least this side. Chosen so that
# a block holds several, and that pictures of 300x300 are not looked at once more.
MIN_SPOTS_BLOCK = 5

# Spots along a block's side: chosen so that a stroke a third as wide as a block covers some of its
# spots.
SPOTS = 5

# Pixels: the least side of a spot; one pixel would show the noise of paper.
MIN_SPOT = 2


def reduction_block(shape: tuple[int, ...]) -> int:
    """Return the smallest side of a block, in pixels, that leaves at most MAX_SIDE blocks."""
    return -(-max(shape) // MAX_SIDE)


def reduce_to_means(pixels: Grey8, block: int, *, negative: bool) -> GreyImage:
    """Return the mean of each block of ``block`` x ``block`` pixels; or of the negative.

    Shapes: ``pixels`` (H, W) uint8 -> (ceil(H / block), ceil(W / block)).
    """
    if block == 1:
        return GreyImage.of_whole_levels(WHITE - pixels if negative else pixels)
    return GreyImage(block_mean(pixels, block, negative=negative))


def reduce_to_extremes(
    pixels: Grey8, block: int, *, negative: bool, spot: int = 1
) -> GreyImage | None:
    """Return the darkest or the lightest spot of each block, whichever stands out; or None.

    Shapes and ``negative``: as ``reduce_to_means``. In the mean of a large block a thin stroke
    vanishes; here it stays. Units: ``spot``, the side of a spot in pixels, which divides ``block``;
    its level is their mean.
    """
    if spot > 1:
        means = block_mean(pixels, spot, negative=negative)
        pixels, negative = np.rint(means).astype(np.uint8), False
    darkest, lightest = block_extremes(pixels, block // spot)
    if negative:
        darkest, lightest = WHITE - lightest, WHITE - darkest
    images = GreyImage.of_whole_levels(darkest), GreyImage.of_whole_levels(lightest)
    dark = midpoint_median(images[0].levels) - images[0].levels[0]
    light = images[1].levels[-1] - midpoint_median(images[1].levels)
    if max(dark, light) < (MIN_PALE_CONTRAST if spot > 1 else MIN_THIN_CONTRAST):
        return None
    return images[0] if dark >= light else images[1]


def blocks_of_spots(shape: tuple[int, ...]) -> tuple[int, int] | None:
    """Return the sides of blocks and of spots, in pixels, to look for pale strokes.

    None for a picture that is reduced so little that its block means show them.
    """
    block = reduction_block(shape)
    if block < MIN_SPOTS_BLOCK:
        return None
    spot = max(MIN_SPOT, block // SPOTS)
    return -(-block // spot) * spot, spot
