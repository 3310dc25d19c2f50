"""Printing and photographing of a glyph: stretched, slanted, bolder, blurred, coarse."""

import numpy as np
from numpy.typing import NDArray

from model_core.parameter import Array
from training.data.augmentation import extreme

Mask = NDArray[np.bool_]

# Pixels per side of the canvas on which a glyph is distorted, and of the glyph in it.
SIDE, INNER = 48, 32
# Distribution of the distortions: standard deviation of log stretch, slant and rotation (radians).
# Newspapers and screens print condensed and wide digits, but upright ones.
STRETCH, SLANT, ROTATION = 0.14, 0.06, 0.05
# Standard deviation of the blur that changes the weight of strokes, in pixels of the canvas.
WEIGHT_BLUR = (0.6, 1.8)
# Level at which blurred ink is thresholded: a lower one makes strokes bolder, a higher one lighter.
WEIGHT_LEVEL = (0.28, 0.66)
# Pixels per side of the final resolution: from a cell in a phone photo of a page to a sharp scan.
RESOLUTION = (10, 48)
# Standard deviation of the final blur, in pixels of the canvas.
FOCUS = (0.3, 2.2)
# Share of the ink, and of the paper, of which nothing is left nearby, up to which a change is kept.
# Hairlines vanish first, and without them a 4 is a 1; then counters, the holes in a 4 or an 8.
MOST_LOST = 0.004
# Share of full ink above which a pixel is part of a stroke, hairlines included.
STROKE = 0.25

_GRID = np.mgrid[:SIDE, :SIDE].reshape(2, -1).astype(np.float32) - (SIDE - 1) / 2
_PIXELS = np.arange(SIDE, dtype=np.float32)


def print_glyph(glyph: Array, rng: np.random.Generator) -> Array:
    """Return a glyph as print or a screen shows it.

    Shapes: (H, W) float32 in 0..1, not empty -> (h, w) float32.
    """
    ink = _distort(glyph, rng)
    if rng.random() < 0.6:
        ink = _change_weight(ink, rng)
    count = int(rng.integers(RESOLUTION[0], RESOLUTION[1] + 1))
    sample = _gaussian(count, float(rng.uniform(*FOCUS)))
    seen: Array = sample @ ink @ sample.T
    if rng.random() < 0.2:  # two-valued, as a fax
        seen = _unless_lost(seen, (seen > 0.45 * seen.max()).astype(np.float32))
    return seen


def _distort(glyph: Array, rng: np.random.Generator) -> Array:
    """Scale a glyph into the canvas: stretched, slanted and rotated, by bilinear interpolation."""
    height, width = glyph.shape
    scale = max(height, width) / INNER
    stretch, angle = np.exp(rng.normal(0, STRETCH, 2)), rng.normal(0, ROTATION)
    slant, cos, sin = rng.normal(0, SLANT), np.cos(angle), np.sin(angle)
    matrix = np.array([[cos, sin], [slant * cos - sin, cos]]) * scale / stretch[:, None]
    middle = np.array([[height + 1], [width + 1]]) / 2
    places = np.clip(matrix @ _GRID + middle, 0, [[height + 0.999], [width + 0.999]])
    corner = places.astype(np.intp)
    down, across = (places - corner).astype(np.float32)
    flat = np.pad(glyph, ((1, 2), (1, 2))).ravel()
    first = corner[0] * (width + 3) + corner[1]
    top = flat[first] * (1 - across) + flat[first + 1] * across
    first += width + 3
    bottom = flat[first] * (1 - across) + flat[first + 1] * across
    ink: Array = (top * (1 - down) + bottom * down).reshape(SIDE, SIDE)
    return ink


def _change_weight(ink: Array, rng: np.random.Generator) -> Array:
    """Make strokes bolder or lighter: blur them, then threshold softly."""
    blur = _gaussian(SIDE, float(rng.uniform(*WEIGHT_BLUR)))
    blurred = blur @ ink @ blur.T
    changed: Array = np.clip((blurred - rng.uniform(*WEIGHT_LEVEL)) * 4 + 0.5, 0, 1)
    return _unless_lost(ink, changed)


def _unless_lost(ink: Array, changed: Array) -> Array:
    """Return the changed ink, or the ink before if strokes or counters have vanished from it."""
    full = ink.max()
    kept = _nearby(ink > STROKE * full, changed > 0.5)
    open_ = _nearby(ink < STROKE * full, changed < 0.5)
    return changed if kept and open_ else ink


def _nearby(before: Mask, after: Mask) -> bool:
    """Return whether almost every pixel of one mask has one of the other within two pixels."""
    near = after.astype(np.float32)[None]
    for _ in range(2):
        near = extreme(near, np.maximum)
    lost = np.count_nonzero(before & (near[0] == 0))
    return bool(lost <= MOST_LOST * np.count_nonzero(before))


def _gaussian(count: int, blur: float) -> Array:
    """Return the matrix (count, SIDE) that resamples with a Gaussian blur."""
    step = SIDE / count
    distance = (np.arange(count, dtype=np.float32)[:, None] + 0.5) * step - 0.5 - _PIXELS
    weights = np.exp(-0.5 * (distance / max(blur, step / 3)) ** 2)
    share: Array = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return share
