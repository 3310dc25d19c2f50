"""Reduction of a picture to at most 96 pixels a side, on which everything is decided."""

import numpy as np

from model_core.preprocessing.image_ops.block_reduce import block_extremes, block_mean, block_size
from model_core.preprocessing.image_ops.grey_image import GreyImage
from model_core.preprocessing.image_ops.types import WHITE, Grey8

# Pixels of the longer side of a reduced picture at most: chosen so that a digit that fills it has
# more than four times MNIST's 20, and that the work after it does not depend on a picture's size.
MAX_SIDE = 96

# Grey levels from the median of the blocks' extremes to the outermost one: thin strokes have at
# least this contrast. Chosen so that a pen of one pixel is kept, and the noise of paper is not.
MIN_THIN_CONTRAST = 60


def reduction_block(shape: tuple[int, ...]) -> int:
    """Return the side of the blocks, in pixels, by which a picture of ``shape`` is reduced."""
    return block_size(shape, MAX_SIDE)


def reduce_to_means(pixels: Grey8, block: int, *, negative: bool) -> GreyImage:
    """Return the mean of each block of ``block`` x ``block`` pixels; or of the negative.

    Shapes: ``pixels`` (H, W) uint8 -> (ceil(H / block), ceil(W / block)).
    """
    if block == 1:
        return GreyImage.of_whole_levels(WHITE - pixels if negative else pixels)
    return GreyImage(block_mean(pixels, block, negative=negative))


def reduce_to_extremes(pixels: Grey8, block: int, *, negative: bool) -> GreyImage | None:
    """Return the darkest or the lightest pixel of each block, whichever stands out; or None.

    Shapes and ``negative``: as ``reduce_to_means``. In the mean of a large block a thin stroke
    vanishes; here it stays.
    """
    darkest, lightest = block_extremes(pixels, block)
    if negative:
        darkest, lightest = WHITE - lightest, WHITE - darkest
    dark, light = np.median(darkest) - darkest.min(), lightest.max() - np.median(lightest)
    if max(dark, light) < MIN_THIN_CONTRAST:
        return None
    return GreyImage.of_whole_levels(darkest if dark >= light else lightest)
