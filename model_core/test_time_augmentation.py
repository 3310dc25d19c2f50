"""Test-time augmentation: views of an image shifted by half a pixel to each side.

A digit stays a digit when it is shifted; at 14x14 it looks different then, and the network is less
certain of a picture that resembles a digit at one place only.
"""

import functools

import numpy as np

from model_core.parameter import Array

# Pixels by which the views are shifted: to the mean of two pixels, so that every edge is resampled.
SHIFT = 0.5
# The directions of the views, down and to the right.
DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1))
# An image whose reject probability lies between the two is classified from five views.
CERTAIN_DIGIT, CERTAIN_REJECT = 0.05, 0.99


def shifted_views(images: Array) -> Array:
    """Return every image shifted by ``SHIFT`` in each of the ``DIRECTIONS``, black beyond the edge.

    Shapes: (N, H, W) float32 -> (4, N, H, W) float32.
    """
    shifted: Array = images.reshape(len(images), -1) @ shift_matrices(images.shape[1:])
    return shifted.reshape(len(DIRECTIONS), *images.shape)


@functools.cache
def shift_matrices(shape: tuple[int, int]) -> Array:
    """Return the shifts with linear interpolation as matrices, (4, H*W, H*W) float32.

    A row of pixels times a matrix is the shifted row of pixels.
    """
    height, width = shape
    matrices = [
        np.kron(_linear_weights(height, SHIFT * down), _linear_weights(width, SHIFT * across))
        for down, across in DIRECTIONS
    ]
    return np.array(matrices, np.float32)


def _linear_weights(length: int, shift: float) -> Array:
    """Return the weights of linear interpolation along one axis, (length, length), old by new."""
    places = np.arange(length)
    weights: Array = np.maximum(0, 1 - np.abs(places - shift - places[:, None]))
    return weights
