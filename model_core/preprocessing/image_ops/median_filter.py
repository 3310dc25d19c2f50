"""Single pixels that are wrong, such as a bad scan or a bad line leaves."""

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]


def median_filter(grey: Grey) -> Grey:
    """Return the median of each pixel's 3x3 surroundings.

    Shapes: (H, W) float32 -> the same.
    """
    padded = np.pad(grey, 1, mode="edge")
    height, width = grey.shape
    windows = [padded[i : i + height, j : j + width] for i in range(3) for j in range(3)]
    middle: Grey = np.partition(np.stack(windows), 4, axis=0)[4]
    return middle
