"""Working copy of a picture: resized so that a box has about the same size in all of them."""

import math

import cv2
import numpy as np

from app.sheets.page import Picture
from model_core.preprocessing.image_ops.types import Grey8

# Pixels of a working copy: a sheet of A4 has 200 dpi, and a box of 5 mm has 38 pixels.
WORK_PIXELS = 2_600_000

# Small pictures are enlarged by this at most: boxes of 10 pixels are then large enough.
MAX_ENLARGEMENT = 3.0


def work_scale(shape: tuple[int, ...]) -> float:
    """Return the factor between a picture of a shape (H, W, ...) and its working copy."""
    return min(MAX_ENLARGEMENT, math.sqrt(WORK_PIXELS / (shape[0] * shape[1])))


def reduce_picture(picture: Picture, scale: float) -> Picture:
    """Return the working copy of a picture, resized by a factor.

    Means over whole blocks come first: they are much faster than means over other areas.
    """
    height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
    block = math.floor(1 / scale)
    if block > 1:
        whole = (max(1, picture.shape[1] // block), max(1, picture.shape[0] // block))
        edge = picture[: whole[1] * block, : whole[0] * block]
        picture = np.asarray(cv2.resize(edge, whole, interpolation=cv2.INTER_AREA), np.uint8)
    method = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (width, height), interpolation=method), np.uint8)


def grey_copy(picture: Picture, pixels: int) -> tuple[Grey8, float]:
    """Return a picture in grey, reduced to at most a number of pixels, and the factor."""
    scale = min(1.0, math.sqrt(pixels / (picture.shape[0] * picture.shape[1])))
    small = reduce_picture(picture, scale)
    grey = small if small.ndim == 2 else cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    return np.asarray(grey, np.uint8), scale
