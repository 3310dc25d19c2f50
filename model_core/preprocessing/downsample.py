"""Downsampling from MNIST's 28x28 to the 14x14 of the networks."""

import numpy as np

from model_core.layers.base import check_shape
from model_core.parameter import Array
from model_core.preprocessing.image_ops.types import WHITE, Grey8
from model_core.preprocessing.mnist_format import SIDE

# Right shift that divides the sum of a square's 2x2 pixels by 4.
LOG2_OF_SQUARE = 2


def downsample(images: Grey8) -> Array:
    """Return the mean of each 2x2 square, rounded down to a whole grey level, in 0..1.

    Shapes: ``images`` (N, 28, 28) uint8 -> (N, 14, 14) float32.
    Units: grey levels 0..255 in, 0..1 out (divided by 255).
    Raises: ShapeError for any other shape.
    """
    check_shape("images", images, (None, SIDE, SIDE))  # type: ignore[arg-type]
    wide = images.astype(np.uint16)
    rows = wide[:, ::2] + wide[:, 1::2]
    sums = rows[:, :, ::2] + rows[:, :, 1::2]
    means: Array = (sums >> LOG2_OF_SQUARE).astype(np.float32)
    return means / np.float32(WHITE)
