"""Forms of the 4: open, an L with a short stem, u-shaped, closed, in zigzag, hooked, looped."""

import numpy as np

from training.data.handwriting.strokes import Forms, Rng, Stroke, smooth, straight


def open_four(rng: Rng) -> list[Stroke]:
    """Draw a slanting line down, a bar, and a stem that does not meet the first line."""
    at, high = rng.uniform(0.5, 0.7), rng.uniform(0.0, 0.3)
    arm = straight((rng.uniform(0.05, 0.35), 0.0), (0.02, at), (rng.uniform(0.75, 0.95), at - 0.02))
    return [arm, _stem(rng.uniform(0.5, 0.68), high, rng)]


def short_stem(rng: Rng) -> list[Stroke]:
    """Draw an L whose foot is crossed by a short stem."""
    at = rng.uniform(0.5, 0.72)
    arm = straight((rng.uniform(0.05, 0.3), 0.0), (0.05, at), (rng.uniform(0.7, 1.0), at))
    return [arm, _stem(rng.uniform(0.42, 0.65), at - rng.uniform(0.1, 0.28), rng)]


def u_shaped(rng: Rng) -> list[Stroke]:
    """Draw a cup whose right side is the stem, in one stroke or in two."""
    at = rng.uniform(0.45, 0.62)
    cup = smooth((0.05, 0.02), (0.06, at - 0.15), (0.25, at), (0.45, at - 0.06), (0.6, at - 0.25))
    return [cup, _stem(rng.uniform(0.45, 0.64), rng.uniform(0.0, 0.12), rng)]


def closed_four(rng: Rng) -> list[Stroke]:
    """Draw a triangle with a stem, in one stroke or in two."""
    at, stem = rng.uniform(0.55, 0.72), rng.uniform(0.5, 0.68)
    reach = rng.uniform(0.78, 1.0)
    if rng.random() < 0.5:
        arm = straight((stem, 0.0), (0.0, at), (reach, at + rng.normal(0, 0.03)))
        return [arm, _stem(stem, rng.uniform(0.0, 0.06), rng)]
    return [straight((reach, at), (0.0, at), (stem, 0.0), (stem - 0.02, 1.0), firm=0.7)]


def zigzag(rng: Rng) -> list[Stroke]:
    """Draw a zigzag down, back up to the right, and down again; its bar hardly crosses the stem."""
    at = rng.uniform(0.45, 0.66)
    points = [
        (rng.uniform(0.12, 0.4), 0.0),
        (0.0, at),
        (rng.uniform(0.5, 0.75), at - rng.uniform(0, 0.2)),
    ]
    return [straight(*points), _stem(rng.uniform(0.45, 0.62), at - rng.uniform(0.12, 0.4), rng)]


def hooked_four(rng: Rng) -> list[Stroke]:
    """Draw one stroke down, to the right, and down again, like a G or an S."""
    at, right = rng.uniform(0.5, 0.68), rng.uniform(0.5, 0.85)
    start = (rng.uniform(0.2, 0.75), 0.0)
    points = [
        start,
        (rng.uniform(0.1, 0.3), 0.2),
        (0.0, at - 0.05),
        (0.2, at + 0.03),
    ]
    foot = [(right + rng.uniform(-0.05, 0.08), 0.8), (right - rng.uniform(0.0, 0.35), 1.0)]
    arm = smooth(*points, (right, at - 0.05))
    if rng.random() < 0.5:
        arm = straight(start, (0.0, at), (right, at - 0.05))
    return [arm, smooth((right + rng.uniform(-0.12, 0.1), at - rng.uniform(0.0, 0.2)), *foot)]


def looped_four(rng: Rng) -> list[Stroke]:
    """Draw a 4 in one stroke with a loop, like a phi."""
    at, size = rng.uniform(0.5, 0.66), rng.uniform(0.12, 0.24)
    points = [(rng.uniform(0.1, 0.3), 0.0), (0.02, at - 0.12), (0.14, at + 0.05), (0.5, at - 0.02)]
    points += [(0.62 + size, at - size), (0.66, at - 0.3 - size / 2), (0.55, at - 0.22), (0.5, at)]
    return [smooth(*points, (0.46, 1.0), firm=0.7)]


def _stem(x: float, top: float, rng: Rng) -> Stroke:
    """Return a stem, straight or a little bent."""
    lean = rng.normal(0, 0.05)
    middle = (x - lean / 2 + rng.normal(0, 0.015), (top + 1) / 2)
    return Stroke(np.array([(x, top), middle, (x - lean, 1.0)]), firm=0.5)


FOURS: Forms = (
    (0.24, open_four),
    (0.16, short_stem),
    (0.14, u_shaped),
    (0.22, closed_four),
    (0.18, zigzag),
    (0.12, hooked_four),
    (0.06, looped_four),
)
