"""Nearest-neighbour filter: synthetic pictures that resemble a digit."""

import numpy as np
from numpy.typing import NDArray

from model_core.parameter import Array
from model_core.preprocessing import downsample
from training.data.augmentation import Pixels

Mask = NDArray[np.bool_]

# Most digits to compare with; one in ``JUDGES`` of them is used to set the threshold.
COMPARED, JUDGES = 16_000, 6
# A picture resembles a digit if it is at least as similar to it as this share of the digits of that
# class are to their own nearest neighbours.
SHARE = 0.8
# Images compared at a time.
BLOCK = 256


def similar_to_digits(drawings: Pixels, digits: Pixels, classes: NDArray[np.intp]) -> Mask:
    """Return the mask of drawings as similar to some digit as most digits of its class.

    Shapes: ``drawings`` (N, 28, 28) and ``digits`` (M, 28, 28) uint8, ``classes`` (M,) -> (N,).
    Similarity is the correlation of two downsampled images. The digits come in random order.
    """
    judges, known = np.split(np.arange(len(digits)), [len(digits) // JUDGES])
    directions = _directions(digits[known])
    nearness, nearest = _nearest(digits[judges], directions)
    alike = classes[known][nearest] == classes[judges]
    limits = np.ones(int(classes.max()) + 1)
    for number in range(len(limits)):
        own = nearness[alike & (classes[judges] == number)]
        if len(own):
            limits[number] = np.quantile(own, 1 - SHARE)
    nearness, nearest = _nearest(drawings, directions)
    found: Mask = nearness > limits[classes[known][nearest]]
    return found


def _nearest(images: Pixels, directions: Array) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return each image's largest correlation with the directions, and its index."""
    nearness, nearest = np.empty(len(images)), np.empty(len(images), np.intp)
    for start in range(0, len(images), BLOCK):
        part = slice(start, start + BLOCK)
        correlations = _directions(images[part]) @ directions.T
        nearest[part] = correlations.argmax(axis=1)
        nearness[part] = correlations.max(axis=1)
    return nearness, nearest


def _directions(images: Pixels) -> Array:
    """Return each image minus its mean, normalised to length 1; zeros for a uniform image."""
    blocks = [images[start : start + BLOCK] for start in range(0, len(images), BLOCK)]
    vectors = np.concatenate([downsample(block).reshape(len(block), -1) for block in blocks])
    vectors -= vectors.mean(axis=1, keepdims=True)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    return vectors
