"""A picture scaled into 28x28 as it is: for who has prepared it already."""

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.image_ops.area_resize import resample
from model_core.preprocessing.mnist_format import SIDE, Normalised, check_picture


def resize(pixels: NDArray[np.uint8]) -> Normalised:
    """Scale a grey picture into 28x28, centred, its sides in proportion; nothing else.

    Shapes and errors: as ``normalise``. The margin has the grey level of the picture's border.
    """
    check_picture(pixels)
    if pixels.shape == (SIDE, SIDE):
        return Normalised(pixels, ())
    height, width = (max(1, round(SIDE * side / max(pixels.shape))) for side in pixels.shape)
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    result = np.full((SIDE, SIDE), int(np.median(border)), np.uint8)
    result[top : top + height, left : left + width] = resample(pixels, (height, width))
    was = f"{pixels.shape[1]}x{pixels.shape[0]}"
    return Normalised(result, (f"scaled from {was} to {width}x{height}",))
