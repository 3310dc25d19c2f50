"""Spots of light (glare): soft, too wide for a stroke, and fainter than the ink."""

import numpy as np

from model_core.preprocessing.image_ops.box_mean import box_mean
from model_core.preprocessing.image_ops.grey_image import GreyImage
from model_core.preprocessing.image_ops.morphology import (
    grey_erosion,
    grey_opening,
    window_size,
)
from model_core.preprocessing.image_ops.order_statistics import count_at_most
from model_core.preprocessing.image_ops.types import Grey32

# Pixels: in a picture with a shorter longer side blurred strokes look like spots. Chosen so that
# pictures of 28x28 and of small cells are left alone.
MIN_SIDE = 64

# Shares of the ink's contrast: a spot that is fainter does no harm, as it is below the ink's
# threshold; one that is stronger may be a bold stroke.
SPOT_RANGE = (0.15, 0.7)

# Share of the picture whose contrast is in that range, if there may be a spot. Chosen so that the
# soft edges of strokes are less in most pictures; the look at squares takes longer.
MIN_SPOT_SHARE = 0.05

# A spot holds a square with sides of 1 / this of the picture's longer side. Chosen so that strokes
# with soft edges hold none.
SPOT_DIVISOR = 6

# Squares with sides of 1 / this of the picture's longer side tell a spot from a stroke, and follow
# its level. Chosen so that bold strokes are solid in them.
LEVEL_DIVISOR = 10

# Share of the ink's contrast that is left without spots. Chosen so that blurred bold strokes, which
# are followed like spots, keep less.
MIN_LEFT_SHARE = 0.7


def find_light_spots(image: GreyImage, level: float) -> Grey32 | None:
    """Return the level of dark paper at each pixel, with its spots of light; None if it has none.

    Shapes: -> (H, W) float32. Units: ``level``, the level of paper without a spot.
    """
    grey = image.pixels
    if max(grey.shape) < MIN_SIDE:
        return None
    peak = image.trimmed_range[1] - level
    faint, strong = (level + share * peak for share in SPOT_RANGE)
    between = count_at_most(image.levels, strong) - count_at_most(image.levels, faint)
    if between < MIN_SPOT_SHARE * grey.size:
        return None
    if float(grey_erosion(grey, window_size(grey.shape, SPOT_DIVISOR)).max()) < faint:
        return None
    window = window_size(grey.shape, LEVEL_DIVISOR)
    opened = grey_opening(grey, window)
    if float(opened.max()) > strong:
        return None
    spots: Grey32 = np.maximum(box_mean(opened, window), np.float32(level))
    return spots if float((grey - spots).max()) > MIN_LEFT_SHARE * peak else None
