"""Forms for tests: boxes with a drawn two in some, and views of them with known corners."""

import math
from typing import NamedTuple

import cv2
import numpy as np

from app.sheets.page import Box, Picture, Points, SheetPage
from benchmarks.sheets.evaluation import match
from benchmarks.sheets.layouts import Layout, Rectangle, grid
from benchmarks.sheets.page import Layer, draw_rules, draw_text
from benchmarks.sheets.photograph import corners_of
from tests.support.pictures import two

# Pixels of a form.
WIDTH, HEIGHT = 620, 480


class Form(NamedTuple):
    """A picture (H, W, 3), and the corners (N, 4, 2) of its boxes."""

    picture: Picture
    corners: Points


def row(count: int = 8, side: float = 44, gap: float = 0) -> list[Rectangle]:
    """Return boxes in a row."""
    return [Rectangle(100 + n * (side + gap), 180, side, side) for n in range(count)]


def table(rows: int = 5, columns: int = 6, side: float = 44) -> list[Rectangle]:
    """Return the cells of a table whose first column is wider."""
    return grid(90, 120, [1.8 * side, *[side] * (columns - 1)], [side] * rows)


def draw_form(
    boxes: list[Rectangle],
    *,
    style: str = "solid",
    width: float = 2,
    rule: tuple[int, int, int] = (20, 20, 20),
    filled: int = 3,
    size: float = 0.6,
    text: tuple[Rectangle, ...] = (),
) -> Form:
    """Draw boxes on white paper, with a two in every n-th of them; 0 leaves all empty."""
    rng = np.random.default_rng(0)
    page = np.full((HEIGHT, WIDTH, 3), 250, np.float32)
    layout = Layout(boxes, list(text), [])
    paint(page, draw_rules(layout, style, width, rng)[:HEIGHT, :WIDTH], rule)
    paint(page, draw_text(layout.text, rng)[:HEIGHT, :WIDTH], (20, 20, 20))
    for box in boxes[::filled] if filled else []:
        write_two(page, box, size)
    return Form(np.clip(page, 0, 255).astype(np.uint8), corners_of(boxes).reshape(-1, 4, 2))


def paint(page: Layer, layer: Layer, colour: tuple[int, int, int]) -> None:
    """Paint a layer, 0..1, onto a page in a colour."""
    page += layer[..., None] * (np.array(colour, np.float32) - page)


def write_two(
    page: Layer, box: Rectangle, size: float, shift: tuple[float, float] = (0, 0)
) -> None:
    """Write a two, ``size`` boxes high, into the middle of a box, or shifted by parts of it."""
    side = round(1.3 * size * box.height)
    x = round(box.left + (box.width - side) / 2 + shift[0] * box.width)
    y = round(box.top + (box.height - side) / 2 + shift[1] * box.height)
    ink = np.asarray(two(side), np.float32) / 255
    paint(page[y : y + side, x : x + side], np.asarray(ink, np.float32), (30, 40, 120))


def turned(form: Form, degrees: float, tilt: float = 0.0) -> Form:
    """Return a form turned clockwise by an angle, and seen from one side, with grey around it."""
    corners = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], float)
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    seen = (corners - corners.mean(axis=0)) @ np.array([[cos, sin], [-sin, cos]])
    seen /= 1 + tilt * seen[:, :1] / WIDTH
    seen += 30 - seen.min(axis=0)
    size = tuple(int(side) for side in np.ceil(seen.max(axis=0) + 30))
    view = cv2.getPerspectiveTransform(corners.astype(np.float32), seen.astype(np.float32))
    picture = cv2.warpPerspective(form.picture, view, size, borderValue=(120, 110, 100))
    points = cv2.perspectiveTransform(form.corners.reshape(-1, 1, 2), view)
    return Form(np.asarray(picture, np.uint8), np.asarray(points, float).reshape(-1, 4, 2))


def bent(form: Form, pixels: float) -> Form:
    """Return a form on paper that bends up and down by some pixels."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    lift = np.float32(pixels) * np.sin(x * np.float32(math.pi / WIDTH))
    picture = cv2.remap(form.picture, x, y - lift, cv2.INTER_LINEAR, borderValue=(250, 250, 250))
    corners = form.corners.copy()
    corners[..., 1] += pixels * np.sin(corners[..., 0] * math.pi / WIDTH)
    return Form(np.asarray(picture, np.uint8), corners)


def shaded(form: Form) -> Form:
    """Return a form of which a third is in the shadow of a hand."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    shade = 1 - 0.5 / (1 + np.exp(np.clip((x + 0.4 * y - 330) / 4, -50, 50)))
    return form._replace(picture=(form.picture * shade[..., None]).astype(np.uint8))


def count_found(form: Form, page: SheetPage) -> tuple[int, int]:
    """Return how many boxes of a form are found on a page, and how many others."""
    pairs = match(list(form.corners), [box.corners for box in page.boxes])
    return len(pairs), len(page.boxes) - len(pairs)


def as_boxes(form: Form) -> list[Box]:
    """Return the boxes of a form, in the order in which they were drawn."""
    return [Box(corners, 0, number) for number, corners in enumerate(form.corners)]
