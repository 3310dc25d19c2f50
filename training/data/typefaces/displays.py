"""Digits of displays: seven segments, and 5x7 dots."""

import numpy as np

from model_core.parameter import Array
from training.data.synthetic.drawing import draw_lines

# Corners of the segments, x and y in a cell of 1x2, and the segments between them: a to g.
_CORNERS = np.array([[0, 0], [1, 0], [1, 1], [1, 2], [0, 2], [0, 1]], np.float32)
_SEGMENTS = {"a": (0, 1), "b": (1, 2), "c": (2, 3), "d": (4, 3), "e": (5, 4), "f": (0, 5)}
_SEGMENTS["g"] = (5, 2)
SEVEN_SEGMENTS = (
    *("abcdef", "bc", "abged", "abgcd", "fgbc"),
    *("afgcd", "afgedc", "abc", "abcdefg", "abcdfg"),
)

# Rows of 5x7 dots from the top, as text displays have them; five bits a row.
_DOTS = (
    (14, 17, 19, 21, 25, 17, 14),
    (4, 12, 4, 4, 4, 4, 14),
    (14, 17, 1, 2, 4, 8, 31),
    (31, 2, 4, 2, 1, 17, 14),
    (2, 6, 10, 18, 31, 2, 2),
    (31, 16, 30, 1, 1, 17, 14),
    (6, 8, 16, 30, 17, 17, 14),
    (31, 1, 2, 4, 8, 8, 8),
    (14, 17, 17, 14, 17, 17, 14),
    (14, 17, 17, 15, 1, 2, 12),
)
DOT_MATRIX = np.array([[[row >> 4 - x & 1 for x in range(5)] for row in rows] for rows in _DOTS])


def seven_segments(digit: int, rng: np.random.Generator) -> Array:
    """Draw a digit of seven segments with gaps of random size between them."""
    slant, width = rng.choice([0, 0, 0.12]) + rng.normal(0, 0.02), rng.uniform(0.4, 0.62)
    gap = rng.uniform(0.02, 0.2)
    lines = []
    for segment in SEVEN_SEGMENTS[digit]:
        ends = _CORNERS[list(_SEGMENTS[segment])]
        ends = ends + gap * (ends.mean(axis=0) - ends)
        leaning = np.stack([ends[:, 0] * width + slant * (2 - ends[:, 1]), ends[:, 1]], axis=1)
        lines.append((leaning / 2).astype(np.float32))
    return draw_lines(lines, rng.uniform(2, 5))


def dot_matrix(digit: int, rng: np.random.Generator) -> Array:
    """Draw a digit of 5x7 square or round dots, which touch or not."""
    pitch = int(rng.integers(5, 8))
    dot = pitch - int(rng.choice([0, 1, 1, 2]))
    cell = np.zeros((pitch, pitch), np.float32)
    cell[:dot, :dot] = 1
    if rng.random() < 0.5:  # round
        cell[[0, 0, dot - 1, dot - 1], [0, dot - 1, 0, dot - 1]] = 0.3
    ink: Array = np.kron(DOT_MATRIX[digit].astype(np.float32), cell)
    return ink
