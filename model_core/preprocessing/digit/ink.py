"""Ink: background subtraction, noise estimate and threshold, and telling ink from shading."""

import math
from dataclasses import dataclass

import numpy as np

from model_core.preprocessing.image_ops.grey_image import GreyImage
from model_core.preprocessing.image_ops.morphology import grey_opening, window_size
from model_core.preprocessing.image_ops.order_statistics import quantile, sort_values
from model_core.preprocessing.image_ops.types import Grey32, Mask
from model_core.preprocessing.paper.evenness import even_paper_level, plain_paper_level

# Uneven paper is what holds a square of 1 / this of the longer side: wider than any stroke.
BACKGROUND_WINDOW_DIVISOR = 4

# Contrasts in grey levels: less than the first is no ink; less than the second is ink only if its
# edges are sharp. Chosen so that blank cells come out blank ("ood_blank_cells" of
# `benchmarks.realworld`), where shading has up to this contrast, and pale pencil is read.
MIN_CONTRAST = 20.0
MIN_CLEAR_CONTRAST = 40.0

# Share of the ink's contrast: faint ink has steps from pixel to pixel at least this high.
MIN_STEEPNESS = 0.36

# Quantile of contrasts and of steps: chosen so that a tenth of outliers does not count.
HIGH_QUANTILE = 0.9

# Standard deviations of the paper's noise: a peak lower than the first is noise; a pixel is ink
# from the second on, or from the share of the peak, whichever is higher.
MIN_PEAK_NOISE = 5
THRESHOLD_NOISE = 4
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
