"""Convolution and pooling by Python loops over pixels, as in the original notebook."""

import time

import numpy as np

from model_core.parameter import Array
from training.data.dataset import Dataset

# Few images, because one takes as long as hundreds in digitserve.
IMAGES = 20


def loop_epoch_seconds(dataset: Dataset) -> float:
    """Return the time of an epoch of the loops, extrapolated from a few images."""
    kernels = np.random.default_rng(0).standard_normal((16, 3, 3)) / 3
    started = time.perf_counter()
    for image in dataset.images[:IMAGES]:
        _step(image, kernels)
    return (time.perf_counter() - started) / IMAGES * len(dataset)


def _step(image: Array, kernels: Array) -> None:
    """Forward and backward pass of convolution and pooling, one pixel at a time."""
    maps = np.zeros((16, 12, 12))
    for k, i, j in np.ndindex(16, 12, 12):
        maps[k, i, j] = np.sum(image[i : i + 3, j : j + 3] * kernels[k])
    pooled, spread = np.zeros((16, 6, 6)), np.zeros((16, 12, 12))
    for k, i, j in np.ndindex(16, 6, 6):
        square = maps[k, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
        pooled[k, i, j] = np.max(square)
        spread[k, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = square == np.max(square)
    kernel_gradient, image_gradient = np.zeros((16, 3, 3)), np.zeros((14, 14))
    for k, i, j in np.ndindex(16, 12, 12):
        kernel_gradient[k] += image[i : i + 3, j : j + 3] * spread[k, i, j]
        image_gradient[i : i + 3, j : j + 3] += kernels[k] * spread[k, i, j]
