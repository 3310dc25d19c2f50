"""Finishes: conversion of drawn ink into a bitmap, a scan or a table of counts.

Each takes ink (H, W) float32 in 0..1 and returns ink, perhaps of another size.
"""

import functools

import numpy as np

from model_core.parameter import Array
from model_core.preprocessing.image_ops.area_resize import area_resize_small
from training.data.handwriting.strokes import Rng

# Share of the finished pictures of thin strokes that have two values.
TWO_VALUED = 0.4


def as_drawn(ink: Array, rng: Rng) -> Array:
    """Leave the ink as it is, or blur it a little."""
    return _blur(ink, rng.uniform(0.4, 1.2)) if rng.random() < 0.3 else ink


def thin(ink: Array, rng: Rng) -> Array:
    """Make thin strokes two-valued, or leave them grey."""
    ink = ink / max(float(ink.max()), 1e-6)
    return (ink > rng.uniform(0.25, 0.5)).astype(np.float32) if rng.random() < TWO_VALUED else ink


def bitmap_16(ink: Array, rng: Rng) -> Array:
    """Stretch the ink to 16x16 pixels, most of them of two values."""
    tall, wide = ink.shape
    if rng.random() < 0.3 and max(tall, wide) < 4 * min(tall, wide):  # as wide as it is
        longer = max(tall, wide)
        sides = (max(4, round(16 * tall / longer)), max(4, round(16 * wide / longer)))
    elif wide * 3 < tall:  # a stem is not stretched to a square
        sides = (16, max(3, round(16 * wide / tall * rng.uniform(1, 1.6))))
    else:
        sides = (16, 16)
    small = area_resize_small(ink[1:-1, 1:-1], sides)
    if rng.random() < 0.2:
        return small
    return (small > rng.uniform(0.25, 0.5)).astype(np.float32)


def ragged_32(ink: Array, rng: Rng) -> Array:
    """Reduce the ink to about 32x32 pixels of two values with ragged edges."""
    return _two_valued(_reduce(ink, 32), rng.uniform(0.05, 0.3), rng)


def blotted(ink: Array, rng: Rng) -> Array:
    """Blur wide strokes, so that narrow places fill with ink."""
    soft = _blur(ink, rng.uniform(0.5, 2.0))
    return _two_valued(soft, 0.05, rng) if rng.random() < 0.5 else soft


def counts_8(ink: Array, rng: Rng) -> Array:
    """Count the dark pixels in each 4x4 block of a bitmap of 32x32 pixels."""
    small = _reduce(ink, 32)
    bitmap = np.zeros((32, 32), np.float32)
    top, left = ((32 - side) // 2 for side in small.shape)
    inside = small > rng.uniform(0.25, 0.5)
    bitmap[top : top + small.shape[0], left : left + small.shape[1]] = inside
    counts: Array = bitmap.reshape(8, 4, 8, 4).mean(axis=(1, 3))
    return counts


def scan(ink: Array, rng: Rng) -> Array:
    """Blur the ink of a small picture and add noise."""
    soft = _blur(ink, rng.uniform(0.3, 0.9))
    noisy: Array = soft + rng.normal(0, rng.uniform(0, 0.06), soft.shape).astype(np.float32)
    return np.clip(noisy, 0, 1)


def _reduce(ink: Array, side: int) -> Array:
    scale = side / max(ink.shape)
    height, width = (max(3, min(side, round(length * scale))) for length in ink.shape)
    return area_resize_small(ink, (height, width))


def _two_valued(ink: Array, noise: float, rng: Rng) -> Array:
    limit = rng.uniform(0.3, 0.55) + rng.normal(0, noise, ink.shape)
    return (ink > np.clip(limit, 0.08, 0.92)).astype(np.float32)


def _blur(ink: Array, sigma: float) -> Array:
    """Return the ink blurred by a Gaussian; units: ``sigma`` in pixels."""
    down, across = (gaussian_weights(side, round(sigma, 1)) for side in ink.shape)
    return np.asarray(down @ ink @ across, np.float32)


@functools.lru_cache(maxsize=1024)
def gaussian_weights(length: int, sigma: float) -> Array:
    """Return the matrix of a Gaussian blur along a side, (length, length), symmetric."""
    distance = np.arange(length)[:, None] - np.arange(length)
    weights: Array = np.exp(-0.5 * (distance / sigma) ** 2).astype(np.float32)
    return weights / (sigma * np.float32(np.sqrt(2 * np.pi)))
