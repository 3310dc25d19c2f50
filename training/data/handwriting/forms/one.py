"""Forms of the 1: with a flag, plain, like a bracket, with a bar, looped, with serifs."""

import numpy as np

from model_core.parameter import Array
from training.data.handwriting.strokes import Forms, Rng, Stroke, smooth

# Radians between stem and flag: a longer flag is steeper than the bar of a 7.
MAX_LONG_FLAG_ANGLE = 0.95
# Share of the stem's length from which a flag counts as long.
LONG_FLAG = 0.45


def flagged(rng: Rng) -> list[Stroke]:
    """Draw a stem with a flag; a third of them have a foot, and some a hook."""
    length, angle = rng.uniform(0.15, 0.9), rng.uniform(0.3, 1.15)
    if length > LONG_FLAG:
        angle = min(angle, rng.uniform(0.4, MAX_LONG_FLAG_ANGLE))
    return _with_foot(_flag_and_stem(rng, length, angle), rng)


def caret(rng: Rng) -> list[Stroke]:
    """Draw a flag almost as long as the stem, like a caret."""
    return _with_foot(_flag_and_stem(rng, rng.uniform(0.7, 1.0), rng.uniform(0.25, 0.6)), rng, 0.1)


def lambda_shaped(rng: Rng) -> list[Stroke]:
    """Draw a flag that begins at the foot's height, so that the 1 is half as wide as high."""
    angle = rng.uniform(0.4, 0.95)
    length = rng.uniform(0.5, 1.0) / np.cos(angle)
    if rng.random() < 0.5:
        return _with_foot(_flag_and_stem(rng, length, angle), rng, 0.15)
    flag = np.array([0.5 - length * np.sin(angle), length * np.cos(angle)])
    sag = (flag + np.array([0.5, 0.0])) / 2 + rng.uniform(0.03, 0.15) * np.array([1.0, 1.0])
    upstroke = smooth(tuple(flag), tuple(sag), (0.5, 0.0), firm=0.5)
    return [upstroke, _stem(np.array([0.5, 0.0]), np.array([0.5, rng.uniform(0.85, 1.0)]), rng)]


def plain(rng: Rng) -> list[Stroke]:
    """Draw a stem alone, straight or a little bent."""
    bend = rng.normal(0, 0.03)
    return [Stroke(np.array([[0.5, 0.0], [0.5 + bend, 0.5], [0.5, 1.0]]), firm=0.4)]


def bracket(rng: Rng) -> list[Stroke]:
    """Draw a stem with a level flag, like a bracket; some with a short foot to either side."""
    return _with_foot(_flag_and_stem(rng, rng.uniform(0.1, 0.3), rng.uniform(1.2, 1.65)), rng, 0.25)


def barred(rng: Rng) -> list[Stroke]:
    """Draw a stem with a short bar to the left of its middle."""
    stem = plain(rng)
    if rng.random() < 0.4:  # a longer flag would make it a crossed 7
        stem = _flag_and_stem(rng, rng.uniform(0.08, 0.2), rng.uniform(0.4, 1.0))
    at, reach = rng.uniform(0.4, 0.62), rng.uniform(0.12, 0.3)
    bar = np.array([[0.5 - reach, at + rng.normal(0, 0.03)], [0.5 + rng.uniform(0, 0.06), at]])
    return [*stem, Stroke(bar)]


def looped(rng: Rng) -> list[Stroke]:
    """Draw a flag and a stem joined by a narrow loop at the top."""
    wide = rng.uniform(0.04, 0.16)
    points = [
        (0.5 - rng.uniform(0.2, 0.4), rng.uniform(0.25, 0.5)),
        (0.45, 0.12),
        (0.5 + wide, 0.0),
    ]
    points += [(0.5 + wide / 2, -0.06), (0.5 - wide / 2, 0.02), (0.5, 0.4), (0.5, 1.0)]
    return [Stroke(np.array(points), firm=0.5)]


def with_serifs(rng: Rng) -> list[Stroke]:
    """Draw a stem with a serif at the foot and one, or a flag, at the top."""
    top = rng.uniform(0.08, 0.25)
    serif = np.array([[0.5 - top, 0.0], [0.5 + rng.uniform(0, top), 0.0]])
    return [*plain(rng), Stroke(serif, firm=0.5), _foot(rng)]


def _flag_and_stem(rng: Rng, length: float, angle: float) -> list[Stroke]:
    """Return flag and stem as one stroke; some flags are wavy or bent."""
    top, foot = np.array([0.5, 0.0]), np.array([0.5 + rng.normal(0, 0.02), 1.0])
    flag = top + length * np.array([-np.sin(angle), np.cos(angle)])
    middle = (flag + top) / 2
    across = np.array([np.cos(angle), np.sin(angle)])
    if rng.random() < 0.4:
        middle = middle + across * rng.normal(0, 0.12 * length)
    if rng.random() < 0.15:  # a wave
        wave = rng.uniform(0.06, 0.14) * length * rng.choice([-1, 1])
        bends: Array = flag + (top - flag) * np.array([[0.3], [0.7]])
        bends = bends + across * np.array([[wave], [-wave]])
        return [Stroke(np.stack([flag, *bends, top])), _stem(top, foot, rng)]
    if rng.random() < 0.6:
        points = np.stack([flag, middle, top, foot])
        return [Stroke(points, straight=True, firm=0.6)]
    return [Stroke(np.stack([flag, middle, top]), firm=0.6), _stem(top, foot, rng)]


def _stem(top: Array, foot: Array, rng: Rng) -> Stroke:
    bend = (top + foot) / 2 + np.array([rng.normal(0, 0.02), 0])
    return Stroke(np.stack([top, bend, foot]), firm=0.15)


def _with_foot(strokes: list[Stroke], rng: Rng, share: float = 0.33) -> list[Stroke]:
    """Add a foot serif to a share of the ones, and a hook at the end of some stems."""
    draw = rng.random()
    if draw < share:
        return [*strokes, _foot(rng)]
    if draw < share + 0.1:  # a hook, as in haste
        hook = np.array([[0.5, 0.9], [0.5, 1.0], [0.5 + rng.uniform(0.08, 0.22), 0.93]])
        return [*strokes, Stroke(hook, firm=0.4)]
    return strokes


def _foot(rng: Rng) -> Stroke:
    left, right = rng.uniform(0.08, 0.32, 2)
    return Stroke(np.array([[0.5 - left, 1.0], [0.5 + right, 1.0]]), firm=0.6)


ONES: Forms = (
    (0.40, flagged),
    (0.08, caret),
    (0.08, lambda_shaped),
    (0.16, plain),
    (0.12, bracket),
    (0.08, barred),
    (0.05, looped),
    (0.03, with_serifs),
)
