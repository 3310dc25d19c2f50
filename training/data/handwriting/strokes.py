"""Strokes of a digit: control points in a unit square, and the curves through them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from model_core.parameter import Array

# Points of a curve between two control points: enough to look smooth at 96 pixels.
STEPS = 5
# Rounds of corner cutting: after two, a corner is a short arc.
ROUNDS = 2

Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Stroke:
    """A stroke: control points, and whether straight lines or a smooth curve join them.

    Shapes: ``points`` (N, 2) float64, x to the right and y downwards, 0..1.
    Units: ``firm`` is the share of the usual jitter that the control points get.
    """

    points: Array
    straight: bool = False
    firm: float = 1.0


Form = Callable[[Rng], list[Stroke]]
# Forms of a digit, each with its relative frequency.
Forms = Sequence[tuple[float, Form]]


def smooth(*points: tuple[float, float], firm: float = 1.0) -> Stroke:
    """Return a stroke whose control points are joined by a smooth curve."""
    return Stroke(np.array(points, np.float64), firm=firm)


def straight(*points: tuple[float, float], firm: float = 1.0) -> Stroke:
    """Return a stroke of straight lines with rounded corners."""
    return Stroke(np.array(points, np.float64), straight=True, firm=firm)


def choose(forms: Forms, rng: Rng) -> Form:
    """Choose a form at random by the relative frequencies."""
    shares = np.array([share for share, _ in forms])
    return forms[int(rng.choice(len(forms), p=shares / shares.sum()))][1]


def trace(stroke: Stroke, jitter: float, rng: Rng) -> Array:
    """Return the polyline of a stroke whose control points are moved at random.

    Shapes: (M, 2) float64. Units: ``jitter`` is the standard deviation, a share of the height.
    """
    points = stroke.points + rng.normal(0, jitter * stroke.firm, stroke.points.shape)
    if len(points) < 3:
        return points
    return _cut_corners(points, rng) if stroke.straight else _spline(points)


def _spline(points: Array) -> Array:
    """Return the Catmull-Rom spline through the points.

    Source: Catmull and Rom 1974, "A class of local interpolating splines".
    """
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    before, start, stop, after = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = (np.arange(STEPS) / STEPS)[None, :, None]
    before, start, stop, after = (each[:, None] for each in (before, start, stop, after))
    curve = start + t / 2 * (
        stop
        - before
        + t
        * (2 * before - 5 * start + 4 * stop - after + t * (3 * (start - stop) + after - before))
    )
    return np.concatenate([curve.reshape(-1, 2), points[-1:]])


def _cut_corners(points: Array, rng: Rng) -> Array:
    """Return the polyline with rounded corners.

    Source: Chaikin 1974, "An algorithm for high-speed curve generation".
    """
    share = rng.uniform(0.05, 0.3)
    for _ in range(ROUNDS):
        first = points[:-1] + share * (points[1:] - points[:-1])
        second = points[1:] - share * (points[1:] - points[:-1])
        inner = np.stack([first, second], axis=1).reshape(-1, 2)
        points = np.concatenate([points[:1], inner[1:-1], points[-1:]])
    return points
