"""Ten synthetic uploads of typical kinds."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Pixels = NDArray[np.uint8]
Grey = NDArray[np.float64]

_TWO = [(28, 36), (36, 22), (52, 16), (68, 24), (70, 40), (58, 58), (30, 84), (74, 84)]
_THREE = [(30, 24), (46, 16), (64, 22), (66, 36), (48, 48), (66, 58), (68, 74), (50, 86), (28, 78)]
_FOUR = [(62, 86), (62, 14), (26, 62), (78, 62)]
_ONE = [(38, 30), (54, 14), (52, 86)]


def uploads() -> list[tuple[str, Pixels]]:
    """Return the grey pixels of each upload with a description."""
    return [(name, draw(np.random.default_rng(1))) for name, draw in _UPLOADS.items()]


def _ink(points: list[tuple[int, int]], size: int, pen: float) -> Grey:
    """Draw a polyline through points of a 100x100 sheet, (size, size) in 0..1."""
    large = Image.new("L", (4 * size, 4 * size), 0)
    draw = ImageDraw.Draw(large)
    scaled = [(x * size / 25, y * size / 25) for x, y in points]
    half = pen * size / 50
    draw.line(scaled, fill=255, width=max(4, round(2 * half)), joint="curve")
    for x, y in scaled:
        draw.ellipse((x - half, y - half, x + half, y + half), fill=255)
    return np.asarray(large.resize((size, size), Image.Resampling.BOX)) / 255


def _on_paper(ink: Grey, paper: Grey | float, dark: float = 0.25) -> Pixels:
    return np.clip(paper * (1 - (1 - dark) * ink), 0, 255).astype(np.uint8)


def _chalk(rng: np.random.Generator) -> Pixels:
    ink = _ink(_TWO, 120, 9)
    grain = rng.normal(1, 0.25, ink.shape)
    return np.clip(45 + 150 * ink * grain + rng.normal(0, 5, ink.shape), 0, 255).astype(np.uint8)


def _tablet(rng: np.random.Generator) -> Pixels:
    canvas = np.zeros((900, 1400))
    top, left = rng.integers(100, 500), rng.integers(700, 1000)
    canvas[top : top + 300, left : left + 300] = _ink(_THREE, 300, 1)
    return _on_paper(canvas, 255, 0)


def _photo(rng: np.random.Generator) -> Pixels:
    ink = _ink(_FOUR, 400, 5)
    light = np.linspace(230, 110, 400) + np.linspace(20, -50, 400)[:, None]
    return _on_paper(ink, light + rng.normal(0, 6, ink.shape), 0.45)


def _shadow(rng: np.random.Generator) -> Pixels:
    ink = _ink(_TWO, 300, 5)
    light = np.where(np.arange(300) + np.arange(300)[:, None] / 4 < 170, 115.0, 215.0)
    return _on_paper(ink, light + rng.normal(0, 3, ink.shape), 0.4)


def _cell(rng: np.random.Generator) -> Pixels:
    ink = np.pad(_ink(_THREE, 110, 7), 12)
    sheet = Image.fromarray((ink * 255).astype(np.uint8))
    corners = [(3, 2), (131, 5), (129, 131), (2, 128), (3, 2)]
    ImageDraw.Draw(sheet).line(corners, fill=200, width=4)
    return _on_paper(np.asarray(sheet) / 255, 225 + rng.normal(0, 4, ink.shape))


def _ruled(_: np.random.Generator) -> Pixels:
    ink = np.pad(_ink(_ONE, 150, 6), 25)
    ink[::26] = ink[1::26] = np.maximum(ink[::26], 0.25)
    ink[184:187] = 0.9
    return _on_paper(ink, 245)


def _neighbour(_: np.random.Generator) -> Pixels:
    both = np.concatenate([_ink(_FOUR, 120, 7), _ink(_TWO, 120, 7)[:, :48]], axis=1)
    return _on_paper(both, 240)


def _specks(rng: np.random.Generator) -> Pixels:
    ink = _ink(_TWO, 64, 8)
    hit = rng.random(ink.shape) < 0.12
    pixels = _on_paper(ink, 250)
    pixels[hit] = rng.choice([0, 255], int(hit.sum()))
    return pixels


def _pale(rng: np.random.Generator) -> Pixels:
    paper = 168 + rng.normal(0, 2, (140, 140))
    picture = Image.fromarray(_on_paper(_ink(_THREE, 140, 6), paper, 0.72))
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(1.5)))


def _tight(_: np.random.Generator) -> Pixels:
    ink = _ink(_FOUR, 160, 20)
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    return _on_paper(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], 255, 0)


_UPLOADS: dict[str, Callable[[np.random.Generator], Pixels]] = {
    "chalk on a blackboard": _chalk,
    "a tablet's pen on a large canvas": _tablet,
    "a photo in uneven light": _photo,
    "a photo with a hard shadow": _shadow,
    "a form's cell, its frame tilted": _cell,
    "ruled paper": _ruled,
    "a neighbour reaches in": _neighbour,
    "noise: one pixel of eight is wrong": _specks,
    "pale ink on grey paper, blurred": _pale,
    "a fat pen, cut off tightly": _tight,
}
