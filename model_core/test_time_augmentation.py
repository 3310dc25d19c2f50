"""A second look at a picture: turned a little to the left, and to the right.

What is a digit stays one; of what only happens to look like one from here, a network is less sure
from there.
"""

import functools

import numpy as np

from model_core.parameter import Array

DEGREES = 6
# A picture with a probability in between to show none of the digits is looked at again.
DIGIT, NONE = 0.05, 0.99


def turned(images: Array) -> Array:
    """Return every image turned to either side by ``DEGREES``.

    Shapes: (N, H, W) float32 -> (2, N, H, W) float32.
    """
    pixels = images.reshape(len(images), -1)
    turned: Array = pixels @ turns(images.shape[1:])
    return turned.reshape(2, *images.shape)


@functools.cache
def turns(shape: tuple[int, int]) -> Array:
    """Return how much each pixel gives to each pixel of the turned images, (2, H*W, H*W) float32.

    A turned pixel takes the four around the place that it came from, weighted by distance.
    """
    height, width = shape
    middle = (np.array([[height], [width]]) - 1) / 2
    places = np.mgrid[:height, :width].reshape(2, -1) - middle
    turns = []
    for angle in np.radians([DEGREES, -DEGREES]):
        cos, sin = np.cos(angle), np.sin(angle)
        rows, columns = np.array([[cos, -sin], [sin, cos]]) @ places + middle
        down = _shares(rows, height)[:, None, :]
        across = _shares(columns, width)[None, :, :]
        turns.append((down * across).reshape(height * width, -1))
    return np.array(turns, np.float32)


def _shares(places: Array, length: int) -> Array:
    """Return (length, N): how much of each pixel along a side is seen at each place."""
    shares: Array = np.maximum(0, 1 - np.abs(places - np.arange(length)[:, None]))
    return shares
