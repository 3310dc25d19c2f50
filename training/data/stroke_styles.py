"""Digits in other stroke styles: fine liner, felt tip, low resolution, out of focus.

A digit is enlarged and thresholded, its stroke eroded or dilated, then resampled at a random
resolution and blur; at last it is cropped, scaled and centred as uploads are.
"""

import numpy as np

from model_core.parameter import Array
from training.data.augmentation import SIDE, Pixels, extreme
from training.data.synthetic.drawing import to_mnist_format

# Pixels per side of an enlarged digit, whose stroke is about nine pixels wide.
LARGE = 84
# Most pixels removed or added on each side of a stroke.
WIDEN = 4
# Smallest share of the ink that is left: with less a stroke would fall to pieces.
KEPT = 0.3
# Digits that share one resolution and blur.
GROUP = 32


def vary_stroke_styles(images: Pixels, rng: np.random.Generator) -> Pixels:
    """Return each digit in a random stroke style.

    Shapes: ``images`` (N, 28, 28) uint8, in and out.
    """
    groups = [images[start : start + GROUP] for start in range(0, len(images), GROUP)]
    return np.concatenate([images[:0], *(_rewrite(group, rng) for group in groups)])


def _rewrite(images: Pixels, rng: np.random.Generator) -> Pixels:
    enlarge = _interpolation(LARGE, SIDE)
    large = enlarge @ images.astype(np.float32) @ enlarge.T
    edges = rng.uniform(60, 190, (len(images), 1, 1)).astype(np.float32)
    ink = (large > edges).astype(np.float32)
    seen = _view(int(rng.integers(16, LARGE // 2)), rng.uniform(0.5, 4))
    return np.stack([to_mnist_format(drawing) for drawing in seen @ _widen(ink, rng) @ seen.T])


def _widen(ink: Array, rng: np.random.Generator) -> Array:
    """Dilate or erode strokes by up to ``WIDEN`` pixels on each side."""
    widths = rng.integers(-WIDEN, WIDEN + 1, len(ink))
    least = KEPT * ink.sum(axis=(1, 2))
    for step in range(1, WIDEN + 1):
        thick, thin = np.flatnonzero(widths >= step), np.flatnonzero(widths <= -step)
        ink[thick] = extreme(ink[thick], np.maximum)
        thinner = extreme(ink[thin], np.minimum)
        enough = thinner.sum(axis=(1, 2)) > least[thin]
        ink[thin[enough]] = thinner[enough]
    return ink


def _interpolation(count: int, length: int) -> Array:
    """Return the matrix of linear interpolation from ``length`` to ``count`` pixels."""
    where = (np.arange(count) + 0.5) * length / count - 0.5
    share: Array = np.maximum(0, 1 - np.abs(where[:, None] - np.arange(length)))
    return share.astype(np.float32)


def _view(count: int, blur: float) -> Array:
    """Return the matrix (count, LARGE) that resamples with a Gaussian blur of ``blur`` pixels."""
    step = LARGE / count
    distance = (np.arange(count)[:, None] + 0.5) * step - 0.5 - np.arange(LARGE)
    weights = np.exp(-0.5 * (distance / max(blur, step / 3)) ** 2)
    share: Array = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return share
