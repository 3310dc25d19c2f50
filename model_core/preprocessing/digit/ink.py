"""From light and paper to ink: how much each pixel has, and which of it is the digit."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.digit.selection import choose, count_specks
from model_core.preprocessing.image_ops.component_properties import Parts
from model_core.preprocessing.image_ops.connected_components import find_parts, in_rows
from model_core.preprocessing.image_ops.order_statistics import extremes, in_order, quantile, up_to
from model_core.preprocessing.paper.evenness import even_level, opening

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
    peak: float
    threshold: float
    uneven: bool


@dataclass(frozen=True, slots=True)
class Digit:
    """Which pixels belong to the digit, the box that holds them, and what was left out."""

    mask: Mask
    rows: slice
    columns: slice
    specks: int
    strokes: int
    noisy: bool

    @property
    def found(self) -> bool:
        """Tell whether there is any."""
        return bool(self.rows.stop > 0)

    @property
    def length(self) -> int:
        """Return the longer side of the box."""
        return int(max(self.rows.stop - self.rows.start, self.columns.stop - self.columns.start))


def find_ink(grey: Grey, levels: Grey) -> Ink | None:
    """Return the ink of a picture that is light on dark; None if nothing stands out.

    Shapes: (H, W) float32, in grey levels; ``levels`` (H * W,) float32 are the same in order.
    """
    level = even_level(grey, levels)
    uneven = level is None
    if level is None:
        grey = grey - opening(grey)
        levels = in_order(grey)
        dark = levels[: up_to(levels, sum(extremes(levels)) / 2)]
        level = quantile(dark, 0.5)
    below = levels[: levels.searchsorted(np.float32(level))] - np.float32(level)
    noise = math.sqrt(below @ below / max(1, len(below)))
    peak = extremes(levels)[1] - level
    if peak < max(FAINTEST, 5 * noise):
        return None
    contrast = grey - np.float32(level)
    np.maximum(contrast, np.float32(0), out=contrast)
    return Ink(contrast, peak, max(0.2 * peak, 4 * noise), uneven)


def find_digit(ink: Ink) -> Digit:
    """Choose the parts that make up the digit; none, if all is specks and border."""
    flat = in_rows(ink.contrast)
    runs = find_parts(flat >= ink.threshold, ink.contrast.shape)
    parts = Parts(runs, flat)
    digit = choose(parts, 1.5 * ink.threshold)
    specks = count_specks(parts, digit)
    rows, columns = parts.box(digit)
    return Digit(
        mask=runs.of_parts(digit),
        rows=rows,
        columns=columns,
        specks=specks,
        strokes=runs.count - int(np.count_nonzero(digit)) - specks,
        noisy=runs.count >= DOTS and int(np.count_nonzero(parts.size <= 3)) >= DOTS,
    )


def is_ink(contrast: Grey, mask: Mask, ink: Grey) -> bool:
    """Tell ink from shading: what is faint must have edges.

    Shapes: ``contrast`` (H, W) float32 of the digit and its surroundings, ``mask`` (H, W) bool,
    ``ink`` (N,) float32, the contrasts within the mask in order.
    """
    level = quantile(ink, 0.9)
    if level >= FAINT:
        return True
    across = abs(np.diff(contrast, axis=1))[mask[:, 1:] | mask[:, :-1]]
    down = abs(np.diff(contrast, axis=0))[mask[1:] | mask[:-1]]
    steepest = max(quantile(in_order(steps), 0.9) for steps in (across, down) if steps.size)
    return level >= FAINTEST and steepest >= SHARP * level
