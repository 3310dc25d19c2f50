"""MNIST's format: 28x28 pixels, light ink on black within 20x20, centred by mass."""

from dataclasses import dataclass

import numpy as np

from model_core.errors import ShapeError
from model_core.preprocessing.image_ops.types import Grey8, Grey32
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

    Shapes: (H, W) uint8. All 70,000 pictures of MNIST are.
    """
    if pixels.shape != (SIDE, SIDE) or np.maximum.reduce(pixels, axis=None) < MIN_PEAK:
        return False
    grey = pixels.astype(np.float32)  # in products of it all numbers are whole, and exact
    return _is_placed(_ONES.dot(grey)) and _is_placed(grey.dot(_ONES))


def _is_placed(profile: Grey32) -> bool:
    """Tell whether the ink along one side is within 20 pixels, and centred by mass."""
    inked = profile.nonzero()[0]
    centre = float(profile.dot(_PLACES)) / float(profile.dot(_ONES))
    return int(inked[-1] - inked[0]) < BOX and abs(centre - SIDE / 2) <= MAX_OFF_CENTRE
