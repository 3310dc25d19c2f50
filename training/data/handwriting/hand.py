"""The writer's hand: a digit in one of its forms, with jitter, width, slant and turn."""

from functools import partial

import numpy as np

from model_core.parameter import Array
from training.data.handwriting.forms import FORMS
from training.data.handwriting.forms.letters import letter
from training.data.handwriting.strokes import Form, Rng, choose, trace

# Standard deviation of the control points' places, a share of the height: from careful to hasty.
JITTER = (0.015, 0.045)
# Standard deviation of the logarithm of the width.
WIDTH_SPREAD = 0.18
# Share of the digits that are narrow, and how narrow: a factor of the width, from and to.
NARROW_SHARE = 0.12
NARROW_WIDTH = (0.4, 0.75)
# Mean and standard deviation of the slant to the right, a share of the height.
SLANT = (0.12, 0.18)
# Standard deviation of the rotation, in degrees.
TURN = 4.0


def write(digit: int, rng: Rng) -> list[Array]:
    """Return the polylines of a handwritten digit.

    Shapes: (N, 2) float64 each, x to the right and y downwards; the longer side is 1, from 0 to 1.
    """
    return by_hand(choose(FORMS[digit], rng), rng)


def write_letter(rng: Rng, accepted: tuple[int, ...]) -> list[Array]:
    """Return the polylines of a letter or sign that is none of the accepted digits."""
    return by_hand(partial(letter, accepted=accepted), rng)


def by_hand(form: Form, rng: Rng) -> list[Array]:
    """Return the polylines of a form as a hand writes it."""
    jitter = rng.uniform(*JITTER)
    lines = [trace(stroke, jitter, rng) for stroke in form(rng)]
    transform = _transform(rng)
    return in_unit_square([line @ transform for line in lines])


def in_unit_square(lines: list[Array]) -> list[Array]:
    """Return polylines moved and scaled, in proportion, to a longer side of 1 that begins at 0."""
    points = np.concatenate(lines)
    low = points.min(axis=0)
    longer = max(float((points.max(axis=0) - low).max()), 1e-6)
    return [(line - low) / longer for line in lines]


def _transform(rng: Rng) -> Array:
    """Return the matrix of width, slant and turn, for points as rows."""
    wide, slant = np.exp(rng.normal(0, WIDTH_SPREAD)), rng.normal(*SLANT)
    if rng.random() < NARROW_SHARE:
        wide *= rng.uniform(*NARROW_WIDTH)
    angle = np.radians(rng.normal(0, TURN))
    cos, sin = np.cos(angle), np.sin(angle)
    shape: Array = np.array([[wide, 0.0], [-slant, 1.0]]) @ np.array([[cos, sin], [-sin, cos]])
    return shape
