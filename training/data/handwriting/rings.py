"""Rings and arcs: super-ellipses with a wobble, as control points."""

import numpy as np

from model_core.parameter import Array
from training.data.handwriting.strokes import Rng, Stroke

# Radians.
FULL_TURN = 2 * np.pi
# Control points of a full turn.
POINTS = 14


def ring(
    rng: Rng,
    *,
    centre: tuple[float, float] = (0.5, 0.5),
    radii: tuple[float, float],
    start: float,
    turn: float,
    end_radius: float = 1.0,
) -> Stroke:
    """Return a turn around a super-ellipse; anticlockwise if ``turn`` is positive.

    Units: ``start`` and ``turn`` in radians, 0 is to the right and pi / 2 upwards; ``end_radius``
    is the share of the radii that is left at the end.
    """
    count = max(4, round(POINTS * abs(turn) / FULL_TURN))
    angles = start + np.linspace(0, turn, count)
    x, y = super_ellipse(angles, rng.uniform(1.6, 2.9))
    shrink = np.linspace(1, end_radius, count) * _wobble(angles, rng)
    points = np.stack(
        [centre[0] + radii[0] * shrink * x, centre[1] - radii[1] * shrink * y], axis=1
    )
    return Stroke(points, firm=0.2)


def super_ellipse(angles: Array, power: float) -> tuple[Array, Array]:
    """Return x and y of points on a super-ellipse of radius 1 (a circle for ``power`` 2)."""
    cos, sin = np.cos(angles), np.sin(angles)
    return (
        np.sign(cos) * np.abs(cos) ** (2 / power),
        np.sign(sin) * np.abs(sin) ** (2 / power),
    )


def _wobble(angles: Array, rng: Rng) -> Array:
    """Return factors of the radius near 1: waves of two and three periods."""
    strength = rng.uniform(0.01, 0.07)
    phases = rng.uniform(0, FULL_TURN, 2)
    wave: Array = (
        1 + strength * (np.sin(2 * angles + phases[0]) + np.sin(3 * angles + phases[1])) / 2
    )
    return wave
