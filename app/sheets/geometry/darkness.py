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
    dark, *others = (relative_darkness(channel) for channel in cv2.split(picture))
    for other in others:
        cv2.max(dark, other, dst=dark)
    return dark


def relative_darkness(channel: Grey8) -> Grey8:
    """Return the darkness of one channel: 255 times 1 - channel / paper."""
    paper = paper_level(channel)
    ratio = cv2.divide(channel, paper, scale=255, dst=paper)
    return np.asarray(cv2.bitwise_not(ratio, dst=ratio), np.uint8)


def paper_level(channel: Grey8) -> Grey8:
    """Return the grey level of the paper at each pixel: the lightest of the blocks around it."""
    height, width = channel.shape
    size = (max(1, width // BLOCK), max(1, height // BLOCK))
    small = cv2.resize(channel, size, interpolation=cv2.INTER_AREA)
    light = cv2.blur(cv2.dilate(small, np.ones((BLOCKS, BLOCKS), np.uint8)), (BLOCKS, BLOCKS))
    cv2.max(light, float(MIN_PAPER), dst=light)
    return np.asarray(cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
