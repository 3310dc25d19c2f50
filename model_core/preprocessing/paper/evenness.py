"""Even paper: whether the paper behind light ink has one level, and which."""

import numpy as np

from model_core.preprocessing.image_ops.grey_image import GreyImage, corners
from model_core.preprocessing.image_ops.order_statistics import count_at_most, median, quantile
from model_core.preprocessing.image_ops.types import Flags, Grey32, Mask

# Quantiles of the dark half between which its spread is taken: chosen so that a few darker pixels,
# and the soft edges of ink above, do not count.
SPREAD_QUANTILES = (0.1, 0.7)

# Share of the picture's contrast: paper with less spread is even. Chosen so that a camera's noise
# is even, and light that falls off towards a side is not.
MAX_EVEN_SPREAD = 0.15

# Share of the picture's contrast: the light half is solid if its median is this high. Chosen so
# that solid ink is, which is as light as the lightest pixels, and a shadow with ink in it is not.
MIN_SOLID_LEVEL = 0.85

# A solid square along the border is a shadow if its sides are 1 / this of the picture's longer
# side. Chosen so that no stroke holds it.
SOLID_SHADOW_DIVISOR = 4

# The same for light that is not solid. With a quarter, soft shadows in a corner were taken for ink
# (`benchmarks.scenery`, "soft shadow").
SOFT_SHADOW_DIVISOR = 6

# Pixels: a smaller square is no shadow, in a picture of a few pixels.
MIN_SHADOW_SIDE = 2


def plain_paper_level(image: GreyImage) -> float:
    """Return the level of the paper behind light ink as if it were even: the dark half's median."""
    return median(_dark_half(image))


def even_paper_level(image: GreyImage) -> float | None:
    """Return the level of the paper behind light ink if it is the same everywhere, else None.

    Units: grey levels. The paper's level is the median of the picture's dark half.
    """
    low, high = image.trimmed_range
    dark = _dark_half(image)
    lower, upper = SPREAD_QUANTILES
    if quantile(dark, upper) - quantile(dark, lower) > MAX_EVEN_SPREAD * (high - low):
        return None
    if len(dark) < len(image.levels) and _has_shadow(image, image.levels[len(dark) :]):
        return None
    return median(dark)


def _dark_half(image: GreyImage) -> Grey32:
    """Return the sorted levels that are not above the middle of the picture's range."""
    return image.levels[: count_at_most(image.levels, image.middle)]


def _has_shadow(image: GreyImage, light_levels: Grey32) -> bool:
    """Tell whether the light half has a square along the border that is too large for ink."""
    low, high = image.trimmed_range
    solid = median(light_levels) >= low + MIN_SOLID_LEVEL * (high - low)
    size = max(image.pixels.shape) // (SOLID_SHADOW_DIVISOR if solid else SOFT_SHADOW_DIVISOR)
    if np.count_nonzero(image.border > image.middle) < size:
        return False  # most often
    light = image.pixels > image.middle
    full_corner = not solid or any(corner.all() for corner in corners(light))
    return full_corner and _has_square(light, size)


def _has_square(light: Mask, size: int) -> bool:
    """Tell whether a square along the border with sides of ``size`` pixels is all light."""
    height, width = light.shape
    if size < MIN_SHADOW_SIDE or size > min(height, width):
        return False
    edges = (light[:size], light[height - size :], light[:, :size].T, light[:, width - size :].T)
    full = (np.logical_and.reduce(edge) for edge in edges)
    return any(np.count_nonzero(line) >= size and _longest_run(line) >= size for line in full)


def _longest_run(flags: Flags) -> int:
    """Return the length of the longest run of true values."""
    gaps = np.flatnonzero(~np.concatenate([[False], flags, [False]]))
    return int(np.diff(gaps).max()) - 1
