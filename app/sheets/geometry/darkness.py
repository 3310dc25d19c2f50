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
    if picture.ndim == 2:
        return relative_darkness(picture)
    red, green, blue = (relative_darkness(channel) for channel in cv2.split(picture))
    return np.asarray(cv2.max(cv2.max(red, green), blue), np.uint8)


def relative_darkness(channel: Grey8) -> Grey8:
    """Return the darkness of one channel: 255 times 1 - channel / paper."""
    ratio = cv2.divide(channel, paper_level(channel), scale=255)
    return np.asarray(cv2.bitwise_not(ratio), np.uint8)


def paper_level(channel: Grey8) -> Grey8:
    """Return the grey level of the paper at each pixel: the lightest of the blocks around it."""
    height, width = channel.shape
    size = (max(1, width // BLOCK), max(1, height // BLOCK))
    small = cv2.resize(channel, size, interpolation=cv2.INTER_AREA)
    light = cv2.blur(cv2.dilate(small, np.ones((BLOCKS, BLOCKS), np.uint8)), (BLOCKS, BLOCKS))
    paper = cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.max(paper, np.full_like(paper, MIN_PAPER)), np.uint8)
