"""Ink: background subtraction, noise estimate and threshold, and telling ink from shading."""

import math
from dataclasses import dataclass

import numpy as np

from model_core.preprocessing.image_ops.grey_image import GreyImage
from model_core.preprocessing.image_ops.morphology import grey_opening, window_size
from model_core.preprocessing.image_ops.order_statistics import quantile, sort_values
from model_core.preprocessing.image_ops.types import Grey32, Mask
from model_core.preprocessing.paper.evenness import even_paper_level, plain_paper_level

# A light part is paper if it holds a square with sides of 1 / this of the picture's longer side.
# Chosen so that no stroke does.
BACKGROUND_WINDOW_DIVISOR = 4

# Grey levels: a lower contrast is no ink. Chosen so that blank cells come out blank
# ("ood_blank_cells" of `benchmarks.realworld`).
MIN_CONTRAST = 20.0

# Grey levels: ink with less contrast needs sharp edges. Chosen so that shading on blank cells is no
# ink, and pale pencil is.
MIN_CLEAR_CONTRAST = 40.0

# Share of the ink's contrast: sharp edges have a step from pixel to pixel at least so high.
# Chosen as MIN_CLEAR_CONTRAST.
MIN_STEEPNESS = 0.36

# Quantile of contrasts, and of steps, that stands for them: chosen so that a tenth may be outliers.
HIGH_QUANTILE = 0.9

# Standard deviations of the paper's noise: a lower peak is noise. With normal noise, one pixel in
# 3.5 million is above.
MIN_PEAK_NOISE = 5

# Standard deviations of the paper's noise: a pixel below is paper. With normal noise, one pixel in
# 32 thousand is above, less than one in a reduced picture.
THRESHOLD_NOISE = 4

# Share of the greatest contrast: a pixel below is paper. Chosen so that the soft edge of a stroke
# is ink, and the shade beside it is not.
THRESHOLD_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Ink:
    """Contrast of a picture against its paper, and from which contrast on a pixel is ink.

    Shapes: ``contrast`` (H, W) float32, not below 0. Units: grey levels. ``uneven`` is whether the
    paper had to be evened out.
    """

    contrast: Grey32
    peak: float
    threshold: float
    uneven: bool


def find_ink(image: GreyImage) -> Ink | None:
    """Return the ink of a picture that is light on dark; None if nothing stands out."""
    level = even_paper_level(image)
    uneven = level is None
    if level is None:
        window = window_size(image.pixels.shape, BACKGROUND_WINDOW_DIVISOR)
        image = GreyImage(image.pixels - grey_opening(image.pixels, window))
        level = plain_paper_level(image)
    noise = _noise_below(image, level)
    peak = image.trimmed_range[1] - level
    if peak < max(MIN_CONTRAST, MIN_PEAK_NOISE * noise):
        return None
    contrast = image.pixels - np.float32(level)
    np.maximum(contrast, np.float32(0), out=contrast)
    threshold = max(THRESHOLD_SHARE * peak, THRESHOLD_NOISE * noise)
    return Ink(contrast, peak, threshold, uneven)


def is_ink(contrast: Grey32, mask: Mask, ordered: Grey32) -> bool:
    """Tell ink from shading: faint ink must have sharp edges.

    Shapes: ``contrast`` (H, W) float32 of the digit and its surroundings, ``mask`` (H, W) bool,
    ``ordered`` (N,) float32, the sorted contrasts within the mask.
    """
    level = quantile(ordered, HIGH_QUANTILE)
    if level >= MIN_CLEAR_CONTRAST:
        return True
    across = abs(np.diff(contrast, axis=1))[mask[:, 1:] | mask[:, :-1]]
    down = abs(np.diff(contrast, axis=0))[mask[1:] | mask[:-1]]
    steepest = max(
        quantile(sort_values(steps), HIGH_QUANTILE) for steps in (across, down) if steps.size
    )
    return level >= MIN_CONTRAST and steepest >= MIN_STEEPNESS * level


def _noise_below(image: GreyImage, level: float) -> float:
    """Return the root mean square deviation of the pixels below the paper's level."""
    darker = image.levels[: image.levels.searchsorted(np.float32(level))] - np.float32(level)
    return math.sqrt(darker @ darker / max(1, len(darker)))
