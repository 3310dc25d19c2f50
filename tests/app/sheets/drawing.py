"""Drawing of small sheets with boxes, whose corners are known."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Grey = NDArray[np.uint8]
Rectangle = tuple[int, int, int, int]  # left, top, right, bottom

INK = 30
PAPER = 235


def grid(columns: int, rows: int, side: int, *, left: int = 80, top: int = 80) -> list[Rectangle]:
    """Return the cells of a grid, in reading order."""
    return [
        (left + side * column, top + side * row, left + side * (column + 1), top + side * (row + 1))
        for row in range(rows)
        for column in range(columns)
    ]


def draw_boxes(
    boxes: Sequence[Rectangle],
    *,
    size: tuple[int, int] = (700, 600),
    colour: tuple[int, int, int] = (INK, INK, INK),
    dash: int = 0,
    radius: int = 0,
    width: int = 3,
) -> Grey:
    """Return a sheet (H, W, 3) with boxes; ``size`` is (W, H), ``dash`` the length of dashes."""
    sheet = Image.new("RGB", size, (PAPER, PAPER, PAPER))
    draw = ImageDraw.Draw(sheet)
    for box in boxes:
        draw.rounded_rectangle(box, radius, outline=colour, width=width)
    pixels = np.array(sheet)
    if dash:  # gaps in both directions: a row and a column at a time
        y, x = np.mgrid[: size[1], : size[0]]
        pixels[(x // dash + y // dash) % 3 == 2] = PAPER
    noise = np.random.default_rng(0).normal(0, 3, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def corners(box: Rectangle) -> NDArray[np.float64]:
    """Return the corners of a box, (4, 2), clockwise from the top left."""
    left, top, right, bottom = box
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)
