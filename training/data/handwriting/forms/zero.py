"""Forms of the 0: closed, open at the top, curled, slashed, with a tail, angular."""

import numpy as np

from training.data.handwriting.rings import FULL_TURN, ring
from training.data.handwriting.strokes import Forms, Rng, Stroke


def closed(rng: Rng) -> list[Stroke]:
    """Draw a ring that ends where it began, or a little farther."""
    start, turn = _start(rng), FULL_TURN + rng.uniform(0, 0.5)
    return [
        ring(rng, radii=_radii(rng), start=start, turn=turn, end_radius=rng.uniform(0.93, 1.05))
    ]


def open_at_top(rng: Rng) -> list[Stroke]:
    """Draw a ring with a gap at the top, whose ends miss each other."""
    start, gap = np.pi / 2 + rng.uniform(-0.3, 0.5), rng.uniform(0.1, 0.55)
    end = rng.uniform(0.85, 1.12)
    return [ring(rng, radii=_radii(rng), start=start, turn=FULL_TURN - gap, end_radius=end)]


def curled(rng: Rng) -> list[Stroke]:
    """Draw a ring whose end curls inwards."""
    turn, end = FULL_TURN + rng.uniform(0.5, 1.6), rng.uniform(0.45, 0.8)
    return [ring(rng, radii=_radii(rng), start=_start(rng), turn=turn, end_radius=end)]


def slashed(rng: Rng) -> list[Stroke]:
    """Draw a closed ring with a slash, often longer than the ring."""
    body = closed(rng)
    steep, reach = np.radians(rng.uniform(38, 85)), rng.uniform(0.62, 1.25)
    low, high = body[0].points.min(axis=0), body[0].points.max(axis=0)
    half = (high - low) / 2
    length = reach * min(half[0] / max(np.cos(steep), 1e-6), half[1] / np.sin(steep))
    along = length * np.array([np.cos(steep), -np.sin(steep)])
    middle = (low + high) / 2 + rng.normal(0, 0.02, 2)
    return [*body, Stroke(np.stack([middle - along, middle + along]), firm=0.3)]


def tailed(rng: Rng) -> list[Stroke]:
    """Draw a closed ring that leaves to the right at the top, as into the next digit."""
    (body,) = closed(rng)
    last = body.points[-1]
    reach, rise = rng.uniform(0.1, 0.4), rng.uniform(-0.12, 0.12)
    tail = last + np.array([[reach / 2, 0.5 * rise + 0.03], [reach, rise]])
    return [Stroke(np.concatenate([body.points, tail]), firm=0.2)]


def angular(rng: Rng) -> list[Stroke]:
    """Draw a polygon of five to eight corners."""
    count = int(rng.integers(5, 9))
    angles = np.pi / 2 + rng.uniform(-0.4, 0.4) + np.linspace(0, FULL_TURN, count + 1)
    across, down = _radii(rng)
    points = np.stack([0.5 + across * np.cos(angles), 0.5 - down * np.sin(angles)], axis=1)
    return [Stroke(points, straight=True, firm=0.5)]


def _radii(rng: Rng) -> tuple[float, float]:
    return float(rng.uniform(0.23, 0.52)), 0.5


def _start(rng: Rng) -> float:
    """Return where the pen begins: near the top, seldom elsewhere."""
    return float(
        np.pi / 2 + (rng.normal(0.2, 0.4) if rng.random() < 0.85 else rng.uniform(0, FULL_TURN))
    )


ZEROS: Forms = (
    (0.27, closed),
    (0.13, open_at_top),
    (0.13, curled),
    (0.30, slashed),
    (0.11, tailed),
    (0.06, angular),
)
