"""What is in MNIST's form already."""

import numpy as np
from numpy.typing import NDArray

SIDE = 28
BOX = 20

_PLACES = np.arange(SIDE)


def is_mnist_form(pixels: NDArray[np.uint8]) -> bool:
    """Tell whether a picture could be MNIST's: light ink on black, within 20x20, centred by mass.

    Shapes: (H, W) uint8. All 70,000 of MNIST are: with white in each, and the centre of mass at
    most 0.52 pixels from the middle, to one side.
    """
    if pixels.shape != (SIDE, SIDE) or pixels.max() < 250:
        return False
    return _is_placed(pixels.sum(axis=0, dtype=np.int64)) and _is_placed(
        pixels.sum(axis=1, dtype=np.int64)
    )


def _is_placed(profile: NDArray[np.int64]) -> bool:
    """Tell whether the ink along one side is within 20 pixels, and centred by mass."""
    inked = profile.nonzero()[0]
    centre = int(profile @ _PLACES) / int(profile.sum())
    return int(inked[-1] - inked[0]) < BOX and abs(centre - SIDE / 2) <= 0.75
