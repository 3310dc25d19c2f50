"""Synthetic scenes of paper and light, as photos from the field have them.

Every scene takes ink, light on black in 0..1, and returns the picture (H, W) in grey levels; the
form is that of ``tests.support.scenes``, whose scenes are simpler.
"""

import numpy as np
from PIL import Image, ImageDraw
from skimage.filters import gaussian
from skimage.morphology import skeletonize

from tests.support.scenes import Grey, Rng, Scene

# Pixels: strokes are thinned at this size, along the digit's longer side.
THINNED_SIDE = 100


def printed_cell(ink: Grey, rng: Rng) -> Grey:
    """Return a soft, faint digit of newsprint, cut out with the dark lines of its cell."""
    sheet = _placed(ink, rng, 1.35, 1.8)
    height = len(sheet)
    dark = np.zeros(sheet.shape)
    for side in rng.permutation(4)[: int(rng.integers(1, 4))]:
        line = np.rot90(dark, int(side))
        line[: max(1, round(rng.uniform(0.02, 0.1) * height))] = rng.uniform(0.6, 1.6)
    light = 1 - rng.uniform(0, 0.2) * _slope(sheet.shape, rng)
    grey = rng.uniform(110, 190) * light - rng.uniform(28, 75) * np.maximum(sheet, dark)
    return _grain(_blur(grey, ink.shape[0] / rng.uniform(16, 30)), rng, 1.5)


def dark_corners(ink: Grey, rng: Rng) -> Grey:
    """Return a photo with a vignette: paper that darkens towards the corners."""
    sheet = _placed(_thin(ink, rng.uniform(0.03, 0.07)), rng, 1.25, 4)
    height, width = sheet.shape
    down, across = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    light = 1 - rng.uniform(0.3, 0.65) * (down**2 + across**2) / 2
    ink_share = rng.choice([0.75, 0.6, 0.35])
    return _grain(_blur(rng.uniform(190, 225) * light * (1 - ink_share * sheet), 1), rng, 3)


def slanting_light(ink: Grey, rng: Rng) -> Grey:
    """Return a photo of paper lit from one side, whose far side lies in the dark."""
    sheet = _placed(_thin(ink, rng.uniform(0.03, 0.09)), rng, 1.25, 3)
    light = 1 - rng.uniform(0.5, 0.75) * _slope(sheet.shape, rng) ** rng.uniform(0.7, 2)
    return _grain(_blur(rng.uniform(200, 245) * light * (1 - 0.7 * sheet), 1), rng, 2.5)


def pencil(ink: Grey, rng: Rng) -> Grey:
    """Return a digit in pale pencil on a large sheet, whose strokes are a few pixels wide."""
    thin = _thin(ink, rng.uniform(5, 8) / max(ink.shape))
    sheet = _placed(thin, rng, 1.25, 2.2) * rng.uniform(0.75, 1)
    light = 1 - rng.uniform(0, 0.15) * _slope(sheet.shape, rng)
    grey = rng.uniform(170, 225) * light - rng.uniform(35, 60) * sheet
    return _grain(_blur(grey, 1), rng, 3)


def dim_squares(ink: Grey, rng: Rng) -> Grey:
    """Return dim, blurred squared paper with pale ink and darker corners."""
    sheet = _placed(_thin(ink, rng.uniform(0.03, 0.06)), rng, 1.4, 3)
    lines = _squares(sheet.shape, rng.uniform(0.35, 0.8) * max(ink.shape), 3, rng)
    paper = rng.uniform(105, 150) * (1 - rng.uniform(0, 0.25) * _slope(sheet.shape, rng))
    deep = rng.uniform(45, 70)
    grey = paper - np.maximum(deep * sheet, rng.uniform(0.2, 0.45) * deep * lines)
    return _grain(_blur(grey, rng.uniform(1, 2.5)), rng, 2)


def dark_squares(ink: Grey, rng: Rng) -> Grey:
    """Return squared paper whose lines are half as dark as the ink."""
    sheet = _placed(_thin(ink, rng.uniform(0.04, 0.07)), rng, 1.4, 3)
    lines = _squares(sheet.shape, rng.uniform(0.3, 0.9) * max(ink.shape), 3, rng)
    deep = rng.uniform(90, 150)
    grey = rng.uniform(190, 235) - deep * np.maximum(sheet, rng.uniform(0.4, 0.6) * lines)
    return _grain(_blur(grey, 1), rng, 2.5)


def patterned(ink: Grey, rng: Rng) -> Grey:
    """Return ink on the pale waves of a cheque's ground, or on a texture as pale."""
    sheet = _placed(_thin(ink, rng.uniform(0.06, 0.1)), rng, 1.3, 2.2)
    down, across = np.mgrid[: sheet.shape[0], : sheet.shape[1]] / max(ink.shape)
    ground = np.zeros(sheet.shape)
    for _ in range(2):
        angle, pitch = rng.uniform(0, np.pi), rng.uniform(0.05, 0.12)
        along = np.cos(angle) * down + np.sin(angle) * across
        beside = np.cos(angle) * across - np.sin(angle) * down
        wave = along + rng.uniform(0.02, 0.08) * np.sin(beside * rng.uniform(6, 20))
        ground = np.maximum(ground, np.sin(2 * np.pi * wave / pitch) > rng.uniform(0.3, 0.8))
    if rng.random() < 0.4:
        ground = _cloud(sheet.shape, int(rng.integers(12, 50)), rng)
    deep = rng.uniform(90, 150)
    grey = rng.uniform(205, 240) - deep * np.maximum(sheet, rng.uniform(0.1, 0.35) * ground)
    return _grain(_blur(grey, rng.uniform(0.5, 1.2)), rng, 2)


def board_with_glare(ink: Grey, rng: Rng) -> Grey:
    """Return chalk on a dark board with a soft spot of light."""
    sheet = _placed(_thin(ink, rng.uniform(0.035, 0.07)), rng, 1.25, 2)
    height, width = sheet.shape
    down, across = np.mgrid[:height, :width] / max(height, width)
    away = np.hypot(down - rng.uniform(0, height / width), across - rng.uniform(0, 1))
    spot = rng.uniform(50, 110) * np.exp(-((away / rng.uniform(0.12, 0.3)) ** 2))
    board = rng.uniform(40, 75) + spot
    return _grain(_blur(board + rng.uniform(0.7, 0.95) * (235 - board) * sheet, 1), rng, 2.5)


def thick_borders(ink: Grey, rng: Rng) -> Grey:
    """Return a cell of a sudoku with thick, black borders on two sides."""
    sheet = _placed(ink, rng, 1.3, 1.7)
    height = len(sheet)
    grey = rng.uniform(190, 240) * (1 - rng.uniform(0.6, 0.85) * sheet)
    first = int(rng.integers(4))
    for side in (first, first + int(rng.choice([1, 2]))):
        border = np.rot90(grey, side)
        border[: round(rng.uniform(0.04, 0.14) * height)] = rng.uniform(15, 50)
    for side in range(4):
        line = np.rot90(grey, side)[: int(rng.integers(0, 3))]
        np.minimum(line, rng.uniform(60, 140), out=line)
    return _grain(_blur(grey, rng.uniform(0.3, 1)), rng, 2)


# Each scene, the size of its digits, and how much thicker their strokes are.
PAPER_SCENES: dict[str, tuple[Scene, tuple[int, int], tuple[float, float]]] = {
    "soft print beside a dark line": (printed_cell, (18, 34), (0, 0.3)),
    "vignette": (dark_corners, (110, 380), (0, 0)),
    "light from one side": (slanting_light, (110, 380), (0, 0)),
    "pencil on a large sheet": (pencil, (350, 1300), (0, 0)),
    "squared paper, dim and blurred": (dim_squares, (120, 330), (0, 0)),
    "squared paper, lines half as dark": (dark_squares, (120, 330), (0, 0)),
    "patterned ground": (patterned, (70, 240), (0, 0)),
    "board with glare": (board_with_glare, (150, 450), (0, 0)),
    "thick borders on two sides": (thick_borders, (30, 90), (0, 0.3)),
}


def _placed(ink: Grey, rng: Rng, least: float, most: float) -> Grey:
    """Return a sheet ``least`` to ``most`` times as large as the ink, with it near the middle."""
    side = rng.uniform(least, most) * max(ink.shape)
    shape = (round(side), round(side * rng.uniform(1, 1.33)))
    sheet = np.zeros(shape if rng.random() < 0.5 else shape[::-1])
    free = [length - own for length, own in zip(sheet.shape, ink.shape, strict=True)]
    top, left = (round(space * rng.uniform(0.35, 0.65)) for space in free)
    sheet[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return sheet


def _thin(ink: Grey, width: float) -> Grey:
    """Return the ink drawn with a pen ``width`` times as wide as its longer side."""
    scale = max(ink.shape) / THINNED_SIDE
    size = (max(1, round(ink.shape[1] / scale)), max(1, round(ink.shape[0] / scale)))
    small = Image.fromarray((ink * 255).astype(np.uint8)).resize(size, Image.Resampling.BOX)
    line = skeletonize(np.asarray(small) > 100)
    page = Image.new("L", ink.shape[::-1])
    draw, pen = ImageDraw.Draw(page), max(2, round(width * max(ink.shape)))
    for y, x in np.argwhere(line):
        centre = ((x + 0.5) * scale, (y + 0.5) * scale)
        draw.ellipse([*(c - pen / 2 for c in centre), *(c + pen / 2 for c in centre)], fill=255)
        for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
            if line[min(y + dy, line.shape[0] - 1), min(max(x + dx, 0), line.shape[1] - 1)]:
                end = (centre[0] + dx * scale, centre[1] + dy * scale)
                draw.line([centre, end], fill=255, width=pen)
    return np.asarray(page) / 255


def _squares(shape: tuple[int, ...], apart: float, width: int, rng: Rng) -> Grey:
    """Return the lines of squared paper, slightly rotated."""
    side = 2 * max(shape)
    page = Image.new("L", (side, side))
    draw = ImageDraw.Draw(page)
    for at in np.arange(rng.uniform(0, apart), side, apart).round().tolist():
        draw.line([(at, 0), (at, side)], fill=255, width=width)
        draw.line([(0, at), (side, at)], fill=255, width=width)
    turned = page.rotate(rng.uniform(-1.5, 1.5), Image.Resampling.BILINEAR)
    start = side // 4
    return np.asarray(turned)[start : start + shape[0], start : start + shape[1]] / 255


def _slope(shape: tuple[int, ...], rng: Rng) -> Grey:
    """Return a linear gradient from 0 to 1 in a random direction."""
    down, across = np.mgrid[: shape[0], : shape[1]] / max(shape)
    angle = rng.uniform(0, 2 * np.pi)
    slope = np.cos(angle) * down + np.sin(angle) * across
    risen: Grey = (slope - slope.min()) / np.ptp(slope)
    return risen


def _cloud(shape: tuple[int, ...], cells: int, rng: Rng) -> Grey:
    """Return a texture in 0..1 of about ``cells`` soft spots along each side."""
    levels = Image.fromarray((rng.random((cells, cells)) * 255).astype(np.uint8))
    return np.asarray(levels.resize((shape[1], shape[0]), Image.Resampling.BICUBIC)) / 255


def _blur(grey: Grey, pixels: float) -> Grey:
    return np.asarray(gaussian(grey, pixels, mode="nearest"))


def _grain(grey: Grey, rng: Rng, strongest: float) -> Grey:
    """Return a picture with the noise of a camera."""
    return grey + rng.normal(0, rng.uniform(0.5, strongest), grey.shape)
