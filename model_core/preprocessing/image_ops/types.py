"""Array types of image operations, each with one meaning."""

import numpy as np
from numpy.typing import NDArray

# A greyscale picture (H, W), or values taken from one, in grey levels 0..255.
Grey8 = NDArray[np.uint8]
Grey32 = NDArray[np.float32]

# A binary picture (H, W).
Mask = NDArray[np.bool_]

# One value for each of N things: of rows or columns, of runs, or of connected components.
Flags = NDArray[np.bool_]
Integers = NDArray[np.intp]
Numbers = NDArray[np.float64]

# Rows and columns of a rectangle.
Box = tuple[slice, slice]

# The largest grey level of a Grey8.
WHITE = 255
