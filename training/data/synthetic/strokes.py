"""Random strokes without a meaning: curves, crossed lines, scribbles, dots.

Lines are (N, 2) float32: x and y from the upper left corner of a unit square.
"""

import numpy as np

from model_core.parameter import Array
from training.data.synthetic.drawing import draw_lines

Lines = list[Array]
# Parameters of the points along a curve, enough to look smooth.
SMOOTH = np.linspace(0, 1, 12, dtype=np.float32)[:, None]


def curves(rng: np.random.Generator) -> Lines:
    """Draw one to five random cubic Bezier curves."""
    count = int(rng.choice(5, p=[0.25, 0.3, 0.2, 0.15, 0.1])) + 1
    return [_bezier(rng.random((4, 2), np.float32)) for _ in range(count)]


def character(rng: np.random.Generator) -> Lines:
    """Draw an invented letter: strokes between the points of a 3x3 grid, and rings."""
    down, across = np.mgrid[:3, :3] / 2
    places = np.stack([across.ravel(), down.ravel()], axis=1) + rng.normal(0, 0.07, (9, 2))
    places[:, int(rng.integers(2))] *= rng.uniform(0.4, 1)
    lines: Lines = []
    for _ in range(int(rng.choice(5, p=[0.05, 0.3, 0.35, 0.2, 0.1])) + 1):
        points = places[rng.choice(9, int(rng.integers(2, 5)), replace=False)]
        if rng.random() < 0.25:  # a ring, of any roundness
            turn = np.linspace(0, rng.uniform(3, 6.4), 20)[:, None] + rng.uniform(0, 6.3)
            size = rng.uniform(0.1, 0.45, 2)
            lines.append(points[:1] + size * np.concatenate([np.cos(turn), np.sin(turn)], axis=1))
        elif len(points) == 4:
            lines.append(_bezier(points))
        else:
            lines.append(points)
    return lines


def straight(rng: np.random.Generator) -> Lines:
    """Draw straight lines: dashes, crosses, ticks, corners, grids."""
    count = int(rng.integers(1, 6))
    points = rng.random((count + 1, 2), np.float32)
    if rng.random() < 0.4:  # one connected line
        return [points]
    if rng.random() < 0.5:  # horizontal and vertical
        axes = rng.integers(0, 2, count)
        places = rng.random(count)
        ends = [
            [[0, at], [1, at]] if axis else [[at, 0], [at, 1]]
            for axis, at in zip(axes, places, strict=True)
        ]
        return [np.array(line, np.float32) for line in ends]
    return [rng.random((2, 2), np.float32) for _ in range(count)]


def scribble(rng: np.random.Generator) -> Lines:
    """Draw a long zigzag or random walk, like crossed-out writing."""
    count = int(rng.integers(8, 40))
    if rng.random() < 0.5:  # to and fro
        x = np.linspace(0, 1, count) + rng.normal(0, 0.04, count)
        y = np.where(np.arange(count) % 2, 1, 0) + rng.normal(0, 0.12, count)
        points = np.stack([x, y], axis=1)
        if rng.random() < 0.5:
            points = points[:, ::-1]
    else:
        points = np.cumsum(rng.normal(0, 1, (count, 2)), axis=0)
    points = points - points.min(axis=0)
    return [(points / points.max()).astype(np.float32)]


def dots(rng: np.random.Generator) -> Array:
    """Draw dots of different sizes."""
    count = int(rng.integers(1, 12))
    places = rng.random((count, 1, 2)) + np.array([[0, 0], [0.01, 0]])
    drawn = [draw_lines([place], rng.uniform(1.5, 9)) for place in places]
    ink: Array = np.max(drawn, axis=0)
    return ink


def _bezier(points: Array) -> Array:
    """Return a cubic Bezier curve through the first and the last of four points."""
    rest = 1 - SMOOTH
    first, second, third, last = points
    curve: Array = (
        rest**3 * first
        + 3 * rest**2 * SMOOTH * second
        + 3 * rest * SMOOTH**2 * third
        + SMOOTH**3 * last
    )
    return curve
