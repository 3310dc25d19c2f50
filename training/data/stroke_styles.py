"""The same digits with other pens: fine liners, felt tips, coarse screens, photos out of focus.

A digit is enlarged, its edge made sharp, its stroke made thinner or thicker, and seen again at some
size and sharpness; then it is cut out, scaled and placed as uploads are.
"""

import numpy as np

from model_core.parameter import Array
from training.data.augmentation import SIDE, Pixels, extreme
from training.data.synthetic.drawing import fit

# Digits are enlarged to so many pixels, where a stroke is about nine pixels wide.
LARGE = 84
# So many pixels are taken off or put on, at most, on each side of a stroke.
WIDEN = 4
# A stroke may lose so much of its ink and no more: it would fall to pieces.
KEPT = 0.3
# Digits that share a size and a sharpness.
GROUP = 32


def vary_stroke_styles(images: Pixels, rng: np.random.Generator) -> Pixels:
    """Return each digit as another pen might have written it.

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
    return np.stack([fit(drawing) for drawing in seen @ _widen(ink, rng) @ seen.T])


def _widen(ink: Array, rng: np.random.Generator) -> Array:
    """Make strokes thicker or thinner by up to ``WIDEN`` pixels a side."""
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
    """Return (count, length): how much each of ``length`` pixels gives to each of ``count``."""
    where = (np.arange(count) + 0.5) * length / count - 0.5
    share: Array = np.maximum(0, 1 - np.abs(where[:, None] - np.arange(length)))
    return share.astype(np.float32)


def _view(count: int, blur: float) -> Array:
    """Return (count, LARGE): a row of ``count`` pixels that sees ``blur`` pixels out of focus."""
    step = LARGE / count
    distance = (np.arange(count)[:, None] + 0.5) * step - 0.5 - np.arange(LARGE)
    weights = np.exp(-0.5 * (distance / max(blur, step / 3)) ** 2)
    share: Array = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return share
