"""Test-time augmentation: views of an image rotated to the left and to the right.

A digit stays a digit when it is rotated by a few degrees; the network is less certain of a picture
that resembles a digit at one angle only.
"""

import functools

import numpy as np

from model_core.parameter import Array

DEGREES = 6
# An image whose reject probability lies between the two is classified from three views.
CERTAIN_DIGIT, CERTAIN_REJECT = 0.05, 0.99


def rotated_views(images: Array) -> Array:
    """Return every image rotated by ``DEGREES`` in both directions.

    Shapes: (N, H, W) float32 -> (2, N, H, W) float32.
    """
    pixels = images.reshape(len(images), -1)
    rotated: Array = pixels @ rotation_matrices(images.shape[1:])
    return rotated.reshape(2, *images.shape)


@functools.cache
def rotation_matrices(shape: tuple[int, int]) -> Array:
    """Return the two rotations with bilinear interpolation as matrices, (2, H*W, H*W) float32.

    A row of pixels times a matrix is the rotated row of pixels.
    """
    height, width = shape
    middle = (np.array([[height], [width]]) - 1) / 2
    coordinates = np.mgrid[:height, :width].reshape(2, -1) - middle
    matrices = []
    for angle in np.radians([DEGREES, -DEGREES]):
        cos, sin = np.cos(angle), np.sin(angle)
        rows, columns = np.array([[cos, -sin], [sin, cos]]) @ coordinates + middle
        down = _linear_weights(rows, height)[:, None, :]
        across = _linear_weights(columns, width)[None, :, :]
        matrices.append((down * across).reshape(height * width, -1))
    return np.array(matrices, np.float32)


def _linear_weights(coordinates: Array, length: int) -> Array:
    """Return the weights of linear interpolation along one axis, (length, N)."""
    weights: Array = np.maximum(0, 1 - np.abs(coordinates - np.arange(length)[:, None]))
    return weights
