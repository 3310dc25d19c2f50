"""Synthetic scenes around a digit: kinds of paper, lighting, surrounding objects.

Every scene takes ink, light on black in 0..1, and returns the picture (H, W) in grey levels.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Grey = NDArray[np.float64]
Rng = np.random.Generator
Scene = Callable[[Grey, Rng], Grey]

PAPER = 235.0


def shape(pixels: NDArray[np.uint8], size: int, thicker: float = 0.0) -> Grey:
    """Return an MNIST digit as ink with sharp edges, ``size`` pixels along its longer side.

    Shapes: ``pixels`` (28, 28) uint8 -> (H, W) in 0..1. Units: ``thicker`` in pixels of 28x28.
    """
    large = Image.fromarray(pixels).resize((112, 112), Image.Resampling.BICUBIC)
    ink = large.point(lambda grey: 255 * (grey > 115))
    if thicker:
        ink = ink.filter(ImageFilter.MaxFilter(2 * round(4 * thicker) + 1))
    ink = ink.filter(ImageFilter.GaussianBlur(1.5)).point(lambda grey: 255 * (grey > 127))
    cut = ink.crop(ink.getbbox() or large.getbbox())
    scale = size / max(cut.size)
    sides = [max(1, round(side * scale)) for side in cut.size]
    method = Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX
    return np.asarray(cut.resize((sides[0], sides[1]), method)) / 255


def canvas(ink: Grey, rng: Rng) -> Grey:
    """Return a large white canvas with the digit at a random position."""
    height, width = (side + int(rng.integers(40, 900)) for side in ink.shape)
    top = int(rng.integers(20, height - ink.shape[0] - 19))
    left = int(rng.integers(20, width - ink.shape[1] - 19))
    return 255 * (1 - _at(np.zeros((height, width)), ink, top, left))


def filled(ink: Grey, rng: Rng) -> Grey:
    """Return the digit tightly cropped, dark on light or light on dark."""
    return 255 * ink if rng.random() < 0.5 else 255 * (1 - ink)


def cell(ink: Grey, rng: Rng) -> Grey:
    """Return the cell of a form with its printed border, slightly rotated."""
    sheet = _middle(ink, 1.5, rng)
    side = sheet.shape[0]
    corners = np.array([[0.04, 0.04], [0.96, 0.04], [0.96, 0.96], [0.04, 0.96], [0.04, 0.04]])
    corners[:4] += rng.uniform(-0.02, 0.02, (4, 2))
    corners[4] = corners[0]
    border = Image.fromarray((sheet * 255).astype(np.uint8))
    line = [(float(x), float(y)) for x, y in corners * side]
    ImageDraw.Draw(border).line(line, fill=int(rng.integers(120, 255)), width=max(1, side // 50))
    return _grain(PAPER - 195 * (np.asarray(border) / 255), rng)


def ruled(ink: Grey, rng: Rng) -> Grey:
    """Return ruled paper with lines through the digit."""
    sheet = _middle(ink, 1.6, rng)
    return _grain(_on(sheet, PAPER * (1 - _lines(sheet.shape, 0.35, rng))), rng)


def squared(ink: Grey, rng: Rng) -> Grey:
    """Return squared paper, slightly rotated."""
    sheet = _middle(ink, 1.6, rng)
    wide = (2 * sheet.shape[0], 2 * sheet.shape[0])
    lines = np.maximum(_lines(wide, 0.1, rng), _lines(wide, 0.1, rng).T)
    turned = Image.fromarray(lines).rotate(rng.uniform(-2.5, 2.5), Image.Resampling.BILINEAR)
    start = sheet.shape[0] // 2
    part = np.asarray(turned)[start : start + sheet.shape[0], start : start + sheet.shape[1]]
    return _grain(_on(sheet, PAPER * (1 - part)), rng)


def uneven_light(ink: Grey, rng: Rng) -> Grey:
    """Return a photo with a brightness gradient, noise and slight blur."""
    sheet = _middle(ink, 2, rng)
    light = 1 - rng.uniform(0.2, 0.7) * _slope(sheet.shape, rng)
    return _blur(_grain(_on(sheet, PAPER * light), rng), 1)


def shadow(ink: Grey, rng: Rng) -> Grey:
    """Return a photo with a soft shadow."""
    sheet = _middle(ink, 2, rng)
    depth = rng.uniform(0.25, 0.5)
    edge = 1 / (1 + np.exp(-(_slope(sheet.shape, rng) - rng.uniform(0.3, 0.7)) / 0.05))
    return _blur(_grain(_on(sheet, PAPER * (1 - depth * edge)), rng), 1)


def table(ink: Grey, rng: Rng) -> Grey:
    """Return a photo of paper with a corner of the dark table below it."""
    sheet = _middle(ink, 2.2, rng)
    beyond = _slope(sheet.shape, rng) > rng.uniform(0.85, 0.95)
    return _grain(np.where(beyond, 55, _on(sheet, PAPER)), rng)


def neighbour(ink: Grey, rng: Rng) -> Grey:
    """Return a crop with a neighbour's stroke at one side."""
    sheet = _middle(ink, 1.5, rng)
    height, width = sheet.shape
    top = int(rng.integers(0, height // 2))
    sheet[top : top + height // 3, -max(1, width // 20) :] = 1
    return _grain(_on(sheet, PAPER), rng)


def skipping(ink: Grey, rng: Rng) -> Grey:
    """Return strokes with gaps, as of a skipping ballpoint."""
    sheet = _middle(ink, 1.6, rng)
    return _grain(_on(sheet * (_cloud(sheet.shape, sheet.shape[0] // 4, rng) > 0.3), PAPER), rng)


# Each scene, the size of its digits, and how much thicker their strokes are.
SCENES: dict[str, tuple[Scene, tuple[int, int], tuple[float, float]]] = {
    "large canvas": (canvas, (80, 400), (0, 1)),
    "bold, cut off tightly": (filled, (20, 200), (0, 1.25)),
    "cell with a crooked border": (cell, (40, 120), (0, 0.3)),
    "ruled paper": (ruled, (60, 160), (0, 0)),
    "squared paper, askew": (squared, (60, 160), (0, 0)),
    "uneven light": (uneven_light, (100, 300), (0, 0.3)),
    "soft shadow": (shadow, (100, 300), (0, 0.3)),
    "corner of a table": (table, (80, 200), (0, 0.3)),
    "neighbour reaches in": (neighbour, (40, 120), (0, 0)),
    "ballpoint that skips": (skipping, (80, 200), (0, 0)),
}


def _at(sheet: Grey, ink: Grey, top: int, left: int) -> Grey:
    sheet[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return sheet


def _middle(ink: Grey, margin: float, rng: Rng) -> Grey:
    """Return a square sheet ``margin`` times as large as the ink, with the ink near its middle."""
    side = round(margin * max(ink.shape))
    top, left = (
        (side - length) // 2 + int(rng.uniform(-0.06, 0.06) * side) for length in ink.shape
    )
    return _at(np.zeros((side, side)), ink, top, left)


def _on(ink: Grey, paper: Grey | float) -> Grey:
    """Return paper with ink that absorbs three quarters of its light."""
    return paper * (1 - 0.75 * ink)


def _grain(grey: Grey, rng: Rng) -> Grey:
    return grey + rng.normal(0, rng.uniform(1, 4), grey.shape)


def _blur(grey: Grey, pixels: float) -> Grey:
    image = Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(pixels)), np.float64)


def _lines(sides: tuple[int, ...], apart: float, rng: Rng) -> Grey:
    """Return horizontal lines at a spacing given as a share of the side."""
    step = round(sides[0] * apart * rng.uniform(0.8, 1.4))
    lines = np.zeros(sides)
    for top in range(int(rng.integers(step)), sides[0], step):
        lines[top : top + max(1, sides[0] // 120)] = 1
    return lines * rng.uniform(0.1, 0.45)


def _slope(sides: tuple[int, ...], rng: Rng) -> Grey:
    """Return a linear gradient from 0 to 1 in a random direction."""
    down, across = np.mgrid[: sides[0], : sides[1]] / max(sides)
    angle = rng.uniform(0, 2 * np.pi)
    slope = np.cos(angle) * down + np.sin(angle) * across
    risen: Grey = (slope - slope.min()) / np.ptp(slope)
    return risen


def _cloud(sides: tuple[int, ...], cells: int, rng: Rng) -> Grey:
    levels = Image.fromarray((rng.random((cells, cells)) * 255).astype(np.uint8))
    return np.asarray(levels.resize((sides[1], sides[0]), Image.Resampling.BICUBIC)) / 255
