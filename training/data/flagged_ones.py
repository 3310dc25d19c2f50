"""Synthetic ones with a flag (a long upstroke), a style that is rare in MNIST."""

import numpy as np

from training.data.augmentation import Pixels
from training.data.synthetic.drawing import draw_lines, to_mnist_format


def flagged_ones(count: int, rng: np.random.Generator) -> Pixels:
    """Draw ``count`` ones with a long upstroke, some of them with a foot.

    Shapes: (count, 28, 28) uint8.
    """
    ones = [_flagged_one(rng) for _ in range(count)]
    return np.array(ones, np.uint8).reshape(-1, 28, 28)


def _flagged_one(rng: np.random.Generator) -> Pixels:
    lean = rng.uniform(-0.06, 0.24)
    top, foot = np.array([0.5 + lean, 0]), np.array([0.5 - lean, 1])
    # steeper than the bar of a seven, and shorter than the stem
    angle, length = rng.uniform(0.35, 1.0), rng.uniform(0.2, 0.75)
    flag = top + length * np.array([-np.sin(angle), np.cos(angle)])
    bend = (flag + top) / 2 + rng.normal(0, 0.03, 2)
    lines = [np.stack([flag, bend, top, foot])]
    if rng.random() < 0.35:
        left, right = rng.uniform(0.1, 0.3, 2)
        lines.append(foot + np.array([[-left, 0], [right, 0]]) + rng.normal(0, 0.02, (2, 2)))
    return to_mnist_format(draw_lines(lines, rng.uniform(1.2, 2.6) ** 2))
