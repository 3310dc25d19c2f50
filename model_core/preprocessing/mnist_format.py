"""MNIST's form, and what is in it already."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_core.errors import ShapeError
from model_core.parameter import Array

SIDE = 28
BOX = 20

_PLACES = np.arange(SIDE, dtype=np.float32)
_ONES = np.ones(SIDE, np.float32)


@dataclass(frozen=True, slots=True)
class Normalised:
    """A picture in MNIST's form, (28, 28) uint8, and what was done to get there, in words."""

    pixels: NDArray[np.uint8]
    steps: tuple[str, ...]


def check_picture(pixels: NDArray[np.uint8]) -> None:
    """Make sure that there is a picture.

    Raises: ShapeError for anything but two axes that are not empty.
    """
    if pixels.ndim != 2 or not pixels.size:
        raise ShapeError(f"pixels: expected shape (H, W), neither of them 0, got {pixels.shape}")


def is_mnist_form(pixels: NDArray[np.uint8]) -> bool:
    """Tell whether a picture could be MNIST's: light ink on black, within 20x20, centred by mass.

    Shapes: (H, W) uint8. All 70,000 of MNIST are: with white in each, and the centre of mass at
    most 0.52 pixels from the middle, to one side.
    """
    if pixels.shape != (SIDE, SIDE) or np.maximum.reduce(pixels, axis=None) < 250:
        return False
    grey = pixels.astype(np.float32)  # in products of it all numbers are whole, and exact
    return _is_placed(_ONES.dot(grey)) and _is_placed(grey.dot(_ONES))


def _is_placed(profile: Array) -> bool:
    """Tell whether the ink along one side is within 20 pixels, and centred by mass."""
    inked = profile.nonzero()[0]
    centre = float(profile.dot(_PLACES)) / float(profile.dot(_ONES))
    return int(inked[-1] - inked[0]) < BOX and abs(centre - SIDE / 2) <= 0.75
