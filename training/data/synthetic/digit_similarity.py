"""Which drawings of no digit happen to be one all the same."""

import numpy as np
from numpy.typing import NDArray

from model_core.parameter import Array
from model_core.preprocessing import downsample
from training.data.augmentation import Pixels

Mask = NDArray[np.bool_]

# Digits to compare with at most; one in so many tells how near a digit is to the next one.
COMPARED, JUDGES = 12_000, 6
# A drawing is one if it is as near to a digit as this share of the digits are to each other.
SHARE = 0.8
# Images looked at a time.
BLOCK = 256


def similar_to_digits(drawings: Pixels, digits: Pixels, classes: NDArray[np.intp]) -> Mask:
    """Return which drawings are as near to some digit as most digits of its class are.

    Shapes: ``drawings`` (N, 28, 28) and ``digits`` (M, 28, 28) uint8, ``classes`` (M,) -> (N,).
    Nearness is the correlation of two images as the networks see them. The digits come in any
    order.
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
    """Return for each image how near the nearest of some directions is, and which it is."""
    nearness, nearest = np.empty(len(images)), np.empty(len(images), np.intp)
    for start in range(0, len(images), BLOCK):
        part = slice(start, start + BLOCK)
        correlations = _directions(images[part]) @ directions.T
        nearest[part] = correlations.argmax(axis=1)
        nearness[part] = correlations.max(axis=1)
    return nearness, nearest


def _directions(images: Pixels) -> Array:
    """Return each image's deviation from its mean, as a vector of length 1; 0 if there is none."""
    blocks = [images[start : start + BLOCK] for start in range(0, len(images), BLOCK)]
    vectors = np.concatenate([downsample(block).reshape(len(block), -1) for block in blocks])
    vectors -= vectors.mean(axis=1, keepdims=True)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    return vectors
