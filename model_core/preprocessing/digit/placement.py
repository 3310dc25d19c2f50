"""Placement as in MNIST: the digit scaled into 20x20 and centred by mass in 28x28."""

import numpy as np

from model_core.preprocessing.digit.narrow_shapes import aspect_to_keep
from model_core.preprocessing.image_ops.area_resize import area_resize_small
from model_core.preprocessing.image_ops.order_statistics import quantile
from model_core.preprocessing.image_ops.types import WHITE, Grey8, Grey32
from model_core.preprocessing.mnist_format import BOX, SIDE, are_strokes_a_pixel_wide

# Quantile of a stroke's contrasts that counts as full ink: chosen so that most of a stroke is
# saturated, as in MNIST.
FULL_INK_QUANTILE = 0.7

# Share of the greatest value after scaling: pixels with more are strokes. Chosen so that the edges
# of strokes are not.
MIN_STROKE_SHARE = 0.3

# Quantile of these pixels that is the strokes' coverage. Chosen as FULL_INK_QUANTILE.
FULL_STROKE_QUANTILE = 0.75

# Share of a pixel that a stroke covers: strokes that cover less are thinner than MNIST's ever are.
# Without thickening no set of `benchmarks.ablation` loses; it is there for pens of one pixel.
MIN_COVERAGE = 0.7

# Share of a thin stroke's ink that the pixels beside it get: chosen so that a stroke of one pixel
# comes out two to three wide, as MNIST's are.
THICKENING_SHARE = 0.7

_PLACES = np.arange(SIDE, dtype=np.float32)


def saturate_strokes(contrast: Grey32, ordered: Grey32) -> Grey32:
    """Return the share of each pixel that is ink, 0..1: 1 in most of a stroke's pixels.

    Shapes: ``contrast`` (H, W) float32 -> the same; ``ordered`` (N,) are the sorted contrasts
    within strokes.
    """
    share: Grey32 = np.minimum(contrast / np.float32(quantile(ordered, FULL_INK_QUANTILE)), 1)
    return share


def scale_to_box(digit: Grey32) -> tuple[Grey32, bool]:
    """Scale a digit to MNIST's size by area, and tell whether its strokes were thickened.

    Shapes: (H, W) float32 -> (h, w) float32, the larger of them 20, in proportion; a tall and
    narrow digit comes out wider.
    Strokes that cover their pixels only in part are stretched in contrast; thin ones grow, too.
    """
    aspect = aspect_to_keep(digit)
    height, width = (max(1, round(side)) for side in (BOX / max(aspect, 1), BOX * min(aspect, 1)))
    scaled = area_resize_small(digit, (height, width))
    greatest = float(np.maximum.reduce(scaled, axis=None))
    strokes = np.sort(scaled[scaled > MIN_STROKE_SHARE * greatest])
    coverage = quantile(strokes, FULL_STROKE_QUANTILE)
    stretched: Grey32 = np.minimum(scaled / np.float32(coverage), 1)
    thin = coverage < MIN_COVERAGE or (
        min(height, width) > 1 and are_strokes_a_pixel_wide(stretched > MIN_STROKE_SHARE)
    )
    return (thicken(stretched), True) if thin else (stretched, False)


def centre_by_mass(scaled: Grey32) -> Grey8:
    """Place a digit in 28x28 with its centre of mass in the middle, as near as the border allows.

    Shapes: (h, w) float32, none above 28 -> (28, 28) uint8. Units: 0..1 in, 0..255 out.
    """
    height, width = scaled.shape
    middle = (SIDE - 1) / 2
    across, down = np.add.reduce(scaled), np.add.reduce(scaled, axis=1)
    total = float(np.add.reduce(across)) or 1.0
    down, across = (float(ink @ _PLACES[: len(ink)]) / total for ink in (down, across))
    top = min(max(round(middle - down), 0), SIDE - height)
    left = min(max(round(middle - across), 0), SIDE - width)
    result = np.zeros((SIDE, SIDE), np.uint8)
    result[top : top + height, left : left + width] = np.rint(scaled * WHITE)
    return result


def thicken(scaled: Grey32) -> Grey32:
    """Return strokes that are more than a pixel wider, with soft edges."""
    height, width = scaled.shape
    padded = np.zeros((height + 2, width + 2), np.float32)
    padded[1:-1, 1:-1] = scaled
    upright = np.maximum(padded[:-2, 1:-1], padded[2:, 1:-1])
    level = np.maximum(padded[1:-1, :-2], padded[1:-1, 2:])
    thick: Grey32 = np.float32(THICKENING_SHARE) * np.maximum(upright, level)
    return np.maximum(scaled, thick, out=thick)
