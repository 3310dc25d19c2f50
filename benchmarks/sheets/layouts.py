"""Layouts of forms: where the boxes are on a page, and which of them touch."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

# Pixels of a page: A4 at 150 dots per inch.
WIDTH, HEIGHT = 1240, 1754

Rng = np.random.Generator


class Rectangle(NamedTuple):
    """A box on a page, in pixels."""

    left: float
    top: float
    width: float
    height: float


class Layout(NamedTuple):
    """Boxes of a page; ``text`` has the places of words, beside which no box is."""

    boxes: list[Rectangle]
    text: list[Rectangle]
    thick: list[Rectangle]


def grid(left: float, top: float, widths: list[float], heights: list[float]) -> list[Rectangle]:
    """Return the cells of a table."""
    columns = left + np.cumsum([0.0, *widths])
    rows = top + np.cumsum([0.0, *heights])
    return [
        Rectangle(float(x), float(y), width, height)
        for y, height in zip(rows[:-1], heights, strict=True)
        for x, width in zip(columns[:-1], widths, strict=True)
    ]


def sudoku(rng: Rng) -> Layout:
    """Return a grid of 9x9 with thick rules around each 3x3."""
    side = rng.uniform(50, 110)
    left, top = rng.uniform(60, WIDTH - 60 - 9 * side), rng.uniform(200, HEIGHT - 60 - 9 * side)
    blocks = grid(left, top, [3 * side] * 3, [3 * side] * 3)
    return Layout(grid(left, top, [side] * 9, [side] * 9), [_title()], blocks)


def table(rng: Rng) -> Layout:
    """Return a table with columns of different widths, in each of which is one digit."""
    rows, columns = int(rng.integers(4, 18)), int(rng.integers(2, 8))
    height = rng.uniform(42, 75)
    widths = [float(w) for w in rng.uniform(0.9, 2.2, columns) * height]
    widths = [width * min(1, 1000 / sum(widths)) for width in widths]
    left = rng.uniform(80, WIDTH - 60 - sum(widths))
    cells = grid(left, rng.uniform(200, HEIGHT - 60 - rows * height), widths, [height] * rows)
    return Layout(cells, [_title()], [])


def fields(rng: Rng) -> Layout:
    """Return rows of touching boxes, each with a label to its left."""
    boxes, text = [], []
    top, side = 220.0, rng.uniform(36, 70)
    while top < HEIGHT - 160:
        count = int(rng.integers(2, 13))
        width = side * rng.uniform(0.75, 1.05)
        left = rng.uniform(300, max(301, WIDTH - 60 - count * width))
        boxes += grid(left, top, [width] * count, [side])
        text.append(Rectangle(left - 230, top + 0.2 * side, 200, 0.6 * side))
        top += side * rng.uniform(1.6, 3.2)
    return Layout(boxes, [_title(), *text], [])


def separate(rng: Rng) -> Layout:
    """Return rows of boxes that do not touch."""
    boxes, text = [], []
    top, side = 240.0, rng.uniform(38, 70)
    gap = side * rng.uniform(0.12, 0.5)
    while top < HEIGHT - 160:
        count = int(rng.integers(2, 10))
        left = rng.uniform(320, max(321, WIDTH - 60 - count * (side + gap)))
        boxes += [Rectangle(left + n * (side + gap), top, side, side) for n in range(count)]
        text.append(Rectangle(left - 250, top + 0.2 * side, 220, 0.6 * side))
        top += side * rng.uniform(1.5, 3)
    return Layout(boxes, [_title(), *text], [])


def questionnaire(rng: Rng) -> Layout:
    """Return a single box beside each of many lines of text."""
    side, step = rng.uniform(36, 56), rng.uniform(75, 110)
    left = rng.uniform(850, 1100)
    tops = np.arange(220, HEIGHT - 120, step)
    boxes = [Rectangle(left, float(top), side, side) for top in tops]
    text = [Rectangle(90, float(top) + 0.25 * side, left - 140, 0.5 * side) for top in tops]
    return Layout(boxes, [_title(), *text], [])


def cover(rng: Rng) -> Layout:
    """Return an exam cover: a number field, and a column of scores in a table."""
    side = rng.uniform(44, 64)
    count = int(rng.integers(6, 11))
    number = grid(420, 330, [side] * count, [side])
    rows = int(rng.integers(4, 11))
    width = rng.uniform(70, 120)
    scores = grid(rng.uniform(200, 700), 620, [width] * 2, [side * 1.1] * rows)
    text = [
        _title(),
        Rectangle(120, 340, 270, 30),
        *(Rectangle(120, 440 + 36 * n, 1000, 24) for n in range(4)),
    ]
    return Layout(number + scores, text, [])


LAYOUTS: dict[str, Callable[[Rng], Layout]] = {
    "sudoku": sudoku,
    "table": table,
    "fields": fields,
    "separate boxes": separate,
    "questionnaire": questionnaire,
    "exam cover": cover,
}


def _title() -> Rectangle:
    return Rectangle(150, 80, 800, 48)
