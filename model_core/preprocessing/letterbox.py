"""Letterbox resizing: a picture is scaled into 28x28 in proportion, and its margin filled."""

import numpy as np

from model_core.preprocessing.image_ops.area_resize import area_resize
from model_core.preprocessing.image_ops.types import Grey8
from model_core.preprocessing.mnist_format import SIDE, NormalisedImage, check_picture
from model_core.preprocessing.steps import Scaled


def letterbox(pixels: Grey8) -> NormalisedImage:
    """Scale a grey picture into 28x28, centred, its sides in proportion; nothing else.

    Shapes: ``pixels`` (H, W) uint8 -> (28, 28) uint8. The margin has the median grey level of the
    picture's border. For pictures that were prepared already.
    Raises: ShapeError for anything but two axes that are not empty.
    """
    check_picture(pixels)
    if pixels.shape == (SIDE, SIDE):
        return NormalisedImage(pixels, ())
    height, width = (max(1, round(SIDE * side / max(pixels.shape))) for side in pixels.shape)
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    result = np.full((SIDE, SIDE), int(np.median(border)), np.uint8)
    result[top : top + height, left : left + width] = area_resize(pixels, (height, width))
    return NormalisedImage(result, (Scaled(pixels.shape[::-1], (width, height)),))
