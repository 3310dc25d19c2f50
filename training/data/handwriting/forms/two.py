"""Forms of the 2: round, with a loop at the base, like a Z, like a swan, with a bar."""

import numpy as np

from training.data.handwriting.strokes import Forms, Rng, Stroke, smooth, straight

# Lengths of the base, from and to: hardly any, usual, drawn out to the right.
BASES = ((0.08, 0.3), (0.5, 0.95), (1.2, 2.4))


def round_two(rng: Rng) -> list[Stroke]:
    """Draw an arch, a diagonal and a base; some begin with a curl, some have hardly any base."""
    base = rng.uniform(*BASES[int(rng.choice(len(BASES), p=[0.12, 0.78, 0.1]))])
    lift = rng.normal(0, 0.05)
    arch = [*_head(rng), (0.72, 0.22), (0.6, 0.5), (0.3, 0.8), (0.12, 0.97)]
    foot = smooth((0.12, 0.97), (0.12 + base / 2, 0.96 + lift), (0.12 + base, 0.97 - lift))
    strokes = [smooth(*arch), foot]
    return strokes if base > 1 else _stretched(strokes, rng)


def looped_two(rng: Rng) -> list[Stroke]:
    """Draw a 2 in one stroke with a loop at its base."""
    size, end = rng.uniform(0.06, 0.24), rng.uniform(0.75, 1.05)
    points = [*_head(rng), (0.7, 0.25), (0.55, 0.55), (0.32, 0.85), (0.12, 0.97)]
    points += [(0.02, 0.92 - size / 3), (0.1, 0.92 - size), (0.3, 0.9), (0.6, 0.99), (end, 0.93)]
    return _stretched([smooth(*points)], rng)


def z_two(rng: Rng) -> list[Stroke]:
    """Draw a 2 of three straight lines, like a Z."""
    rise = rng.normal(0, 0.05)
    points = [(0.1, 0.05 + rise), (0.75, 0.02), (0.08, 0.98), (0.85, 0.96 + rng.normal(0, 0.03))]
    return _stretched([straight(*points)], rng)


def swan(rng: Rng) -> list[Stroke]:
    """Draw a 2 like a swan: an arch that runs into the base without a corner."""
    points = [*_head(rng), (0.68, 0.3), (0.4, 0.62), (0.18, 0.85), (0.3, 0.99), (0.6, 0.97)]
    return _stretched([smooth(*points, (rng.uniform(0.8, 1.0), rng.uniform(0.82, 0.95)))], rng)


def barred_two(rng: Rng) -> list[Stroke]:
    """Draw a 2 like a Z with a bar through its middle."""
    bar = smooth((0.2, 0.5 + rng.normal(0, 0.03)), (0.68, 0.47 + rng.normal(0, 0.03)))
    return [*z_two(rng), bar]


def _head(rng: Rng) -> list[tuple[float, float]]:
    """Return the start and the arch: with a curl, steep, or flat."""
    draw = rng.random()
    if draw < 0.25:  # a curl
        inner = [(0.28, 0.3), (0.2, 0.22)]
    elif draw < 0.4:  # a large curl
        inner = [(0.1, 0.3), (0.3, 0.42), (0.42, 0.28), (0.25, 0.2), (0.12, 0.25), (0.14, 0.15)]
    elif draw < 0.8:
        inner = [(rng.uniform(0.05, 0.2), rng.uniform(0.15, 0.38))]
    else:
        inner = [(rng.uniform(0.0, 0.1), rng.uniform(0.03, 0.12))]
    return [*inner, (0.22, 0.08), (0.45, 0.0), (0.65, 0.07)]


def _stretched(strokes: list[Stroke], rng: Rng) -> list[Stroke]:
    """Make a quarter of the twos 1.2 to 3 times as wide."""
    factor = np.exp(rng.uniform(np.log(1.2), np.log(3))) if rng.random() < 0.25 else 1.0
    return [
        Stroke(stroke.points * np.array([factor, 1]), stroke.straight, stroke.firm)
        for stroke in strokes
    ]


TWOS: Forms = (
    (0.38, round_two),
    (0.24, looped_two),
    (0.20, z_two),
    (0.13, swan),
    (0.05, barred_two),
)
