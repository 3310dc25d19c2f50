"""Darkness of a picture relative to the paper around each pixel: independent of light and shade."""

import cv2
import numpy as np

from app.sheets.page import Picture
from model_core.preprocessing.image_ops.types import Grey8

# Pixels: side of the blocks in which the paper's grey level is estimated, and the number of blocks
# along the neighbourhood of which the lightest counts.
BLOCK, BLOCKS = 8, 5

# Grey level: paper in deep shade counts as no darker, so that its noise is not amplified.
MIN_PAPER = 50


def darkness(picture: Picture) -> Grey8:
    """Return how much darker than the paper each pixel is, in its most absorbing channel.

    Shapes: (H, W) or (H, W, 3) -> (H, W). Units: 0 is paper, 255 is black.
    """
    paper = paper_level(picture)
    ratio = cv2.divide(picture, paper, scale=255, dst=paper)
    if picture.ndim == 2:
        return np.asarray(cv2.bitwise_not(ratio, dst=ratio), np.uint8)
    least, *others = cv2.split(ratio)
    for other in others:
        cv2.min(least, other, dst=least)
    return np.asarray(cv2.bitwise_not(least, dst=least), np.uint8)


def paper_level(picture: Picture) -> Picture:
    """Return the level of the paper at each pixel, in each channel: the lightest around it.

    Shapes: (H, W) or (H, W, 3) -> the same.
    """
    height, width = picture.shape[:2]
    size = (max(1, width // BLOCK), max(1, height // BLOCK))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    light = cv2.blur(cv2.dilate(small, np.ones((BLOCKS, BLOCKS), np.uint8)), (BLOCKS, BLOCKS))
    least = np.maximum(light, np.uint8(MIN_PAPER))
    return np.asarray(cv2.resize(least, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
