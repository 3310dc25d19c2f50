"""MNIST's format: 28x28 pixels, light ink on black within 20x20, centred by mass."""

from dataclasses import dataclass

import numpy as np

from model_core.errors import ShapeError
from model_core.preprocessing.image_ops.types import WHITE, Grey8, Grey32, Mask
from model_core.preprocessing.steps import Step

# Pixels: the side of a picture, and of the box that holds the digit (from MNIST's description).
SIDE = 28
BOX = 20

# Grey level that the lightest pixel has at least: each of MNIST's 70,000 has a white one; a little
# less allows for lossy files.
MIN_PEAK = 250

# Pixels: how far the centre of mass may be from the middle along a side. Of MNIST's 70,000 it is at
# most 0.52; the rest allows for resampled copies.
MAX_OFF_CENTRE = 0.75

# Grey level of a stroke's pixels, and the share of them that lie in squares of 2x2 at most, if the
# strokes are a pixel wide. Of MNIST's 70,000, 8 have less: thin ones with soft edges.
STROKE_LEVEL = 100
MAX_THIN_SQUARES = 0.02

# Share of the ink's pixels that are grey: of these 8, each has 0.98 at least. A drawing that was
# shrunk by nearest neighbour, so that its strokes are in pieces, has 0.35 at most.
MIN_SOFT_EDGES = 0.6

_PLACES = np.arange(SIDE, dtype=np.float32)
_ONES = np.ones(SIDE, np.float32)


@dataclass(frozen=True, slots=True)
class NormalisedImage:
    """A picture in MNIST's format, (28, 28) uint8, and the steps that led to it, in order.

    Units: ``trust`` is from 1, for a clean picture, to 0, for one that cannot be right: the
    classifier multiplies its reject threshold by it.
    """

    pixels: Grey8
    steps: tuple[Step, ...]
    trust: float = 1.0


def check_picture(pixels: Grey8) -> None:
    """Make sure that there is a picture.

    Raises: ShapeError for anything but two axes that are not empty.
    """
    if pixels.ndim != 2 or not pixels.size:
        raise ShapeError(f"pixels: expected shape (H, W), neither of them 0, got {pixels.shape}")


def is_mnist_format(pixels: Grey8) -> bool:
    """Tell whether a picture may be in MNIST's format already.

    Shapes: (H, W) uint8. All 70,000 pictures of MNIST are. One with hard strokes of a pixel is not.
    """
    if pixels.shape != (SIDE, SIDE) or np.maximum.reduce(pixels, axis=None) < MIN_PEAK:
        return False
    grey = pixels.astype(np.float32)  # in products of it all numbers are whole, and exact
    placed = _is_placed(_ONES.dot(grey)) and _is_placed(grey.dot(_ONES))
    return placed and not _has_hard_thin_strokes(pixels)


def _is_placed(profile: Grey32) -> bool:
    """Tell whether the ink along one side is within 20 pixels, and centred by mass."""
    inked = profile.nonzero()[0]
    centre = float(profile.dot(_PLACES)) / float(profile.dot(_ONES))
    return int(inked[-1] - inked[0]) < BOX and abs(centre - SIDE / 2) <= MAX_OFF_CENTRE


def are_strokes_a_pixel_wide(strokes: Mask) -> bool:
    """Tell whether strokes (H, W) are about a pixel wide: they hold hardly any square of 2x2."""
    down = strokes[1:] & strokes[:-1]
    squares = np.count_nonzero(down[:, 1:] & down[:, :-1])
    return bool(squares <= MAX_THIN_SQUARES * np.count_nonzero(strokes))


def _has_hard_thin_strokes(pixels: Grey8) -> bool:
    """Tell whether strokes are a pixel wide and have no soft edges, which is asked first."""
    inked = int(np.count_nonzero(pixels))
    grey = inked - int(np.count_nonzero(pixels == WHITE))
    return grey < MIN_SOFT_EDGES * inked and are_strokes_a_pixel_wide(pixels > STROKE_LEVEL)
