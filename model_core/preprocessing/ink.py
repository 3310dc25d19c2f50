"""From light and paper to ink: how much each pixel has, and which of it is the digit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.background import even_level, extremes, opening, quantiles
from model_core.preprocessing.components import label
from model_core.preprocessing.parts import Parts

Grey = NDArray[np.float32]
Mask = NDArray[np.bool_]

# Grey levels: less contrast than the first is no ink; less than the second only if it is sharp.
FAINTEST = 20.0
FAINT = 40.0
SHARP = 0.36

# Pixels: a digit's longer side is more than a spot's.
SHORTEST = 5

# So many single dots are noise all over the picture.
DOTS = 12


@dataclass(frozen=True, slots=True)
class Ink:
    """How much lighter than the paper each pixel is, and whether the paper was uneven."""

    contrast: Grey
    threshold: float
    uneven: bool


@dataclass(frozen=True, slots=True)
class Digit:
    """Which pixels belong to the digit, and how many parts were left out."""

    mask: Mask
    specks: int
    strokes: int
    noisy: bool


def find_ink(grey: Grey) -> Ink | None:
    """Return the ink of a picture that is light on dark; None if nothing stands out.

    Shapes: (H, W) float32, in grey levels.
    """
    level = even_level(grey)
    if level is not None:
        above = grey - np.float32(level)
    else:
        above = grey - opening(grey)
        low, high = extremes(above)
        above -= np.median(above[above <= (low + high) / 2])
    below = above[above < 0]
    noise = float(np.sqrt(np.square(below).mean())) if below.size else 0.0
    contrast = np.maximum(above, 0)
    peak = extremes(contrast)[1]
    if peak < max(FAINTEST, 5 * noise):
        return None
    return Ink(contrast, max(0.2 * peak, 4 * noise), uneven=level is None)


def find_digit(ink: Ink) -> Digit:
    """Choose the parts that make up the digit; none, if all is specks and border."""
    labels, count = label(ink.contrast >= ink.threshold)
    parts = Parts(labels, count, ink.contrast)
    digit = parts.digit(1.5 * ink.threshold)
    specks = parts.specks(digit)
    return Digit(
        mask=np.concatenate([[False], digit])[labels],
        specks=specks,
        strokes=count - int(digit.sum()) - specks,
        noisy=int((parts.size <= 3).sum()) >= DOTS,
    )


def is_ink(contrast: Grey, mask: Mask) -> bool:
    """Tell ink from shading: what is faint must have edges, and be more than a spot."""
    extent = max(int(mask.any(axis=axis).sum()) for axis in (0, 1))
    if extent < SHORTEST:
        return False
    level = quantiles(contrast[mask], 0.9)[0]
    if level >= FAINT:
        return True
    across = abs(np.diff(contrast, axis=1))[mask[:, 1:] | mask[:, :-1]]
    down = abs(np.diff(contrast, axis=0))[mask[1:] | mask[:-1]]
    steepest = max(quantiles(steps, 0.9)[0] for steps in (across, down) if steps.size)
    return level >= FAINTEST and steepest >= SHARP * level
