"""Pictures of block digits in many scenes, drawn with whole numbers alone: the same everywhere."""

from collections.abc import Iterator

import numpy as np

from model_core.preprocessing.image_ops.types import Grey8, Integers

# Digits of 5x7 squares, a row of bits each.
GLYPHS = {
    0: (14, 17, 19, 21, 25, 17, 14),
    1: (4, 12, 4, 4, 4, 4, 14),
    2: (14, 17, 1, 2, 4, 8, 31),
    3: (31, 2, 4, 2, 1, 17, 14),
    4: (2, 6, 10, 18, 31, 2, 2),
    7: (31, 1, 2, 4, 8, 8, 8),
}

PAPER, PEN = 235, 45


def glyph(digit: int, size: int, slant: int = 0) -> Integers:
    """Return the ink of a digit, 0 or 1, each square ``size`` pixels, leaning to the right."""
    squares = np.array([[row >> bit & 1 for bit in (4, 3, 2, 1, 0)] for row in GLYPHS[digit]])
    ink = np.pad(squares.repeat(size, 0).repeat(size, 1), ((0, 0), (0, 2 * size)))
    lean = (len(ink) - np.arange(len(ink))) * slant // 10
    rows = [np.roll(row, shift) for row, shift in zip(ink, lean, strict=True)]
    slanted: Integers = np.stack(rows)
    return slanted


def sheet(ink: Integers, margin: int, right: int | None = None) -> Integers:
    """Return ink on paper with a margin; ``right`` is the one on the right, if it differs."""
    sides = ((margin, margin), (margin, margin if right is None else right))
    return np.where(np.pad(ink, sides) > 0, PEN, PAPER)


def grain(picture: Integers, strength: int) -> Integers:
    """Return a picture with noise that depends on the place alone."""
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]]
    grainy: Integers = picture + (x * x * 31 + y * y * 17 + x * y * 7) % 101 * strength // 101
    return grainy


def scenes(digit: int, size: int) -> Iterator[tuple[str, Integers]]:
    """Yield a digit in each scene, by name, in grey levels that may exceed 0..255."""
    ink = glyph(digit, size, slant=digit % 3)
    plain = sheet(ink, 3 * size)
    height, width = plain.shape
    y, x = np.mgrid[:height, :width]
    yield "dark on light", plain
    yield "light on dark", 255 - plain
    yield "cut off tightly", sheet(ink, 0)
    yield "large sheet", grain(sheet(ink, 60 * size, 20 * size), 6)
    yield "gradient", grain(plain * (60 + 60 * x // width + 30 * y // height) // 150, 4)
    yield "shadow", np.where(x + y > width, plain * 3 // 5, plain)
    yield "ruled", np.minimum(plain, np.where(y % (5 * size) < max(1, size // 3), 170, 255))
    yield "squared", np.minimum(plain, np.where((y % 9 == 4) | (x % 9 == 2), 185, 255))
    thick = max(1, size // 2)
    border = np.minimum(np.minimum(y, height - 1 - y), np.minimum(x, width - 1 - x))
    yield "frame", np.where(border < thick, 60, plain)
    yield "strips", np.where(np.minimum(x, width - 1 - x) < width // 6, 255 - plain, plain)
    yield "dots", np.where((x * 7919 + y * 104729 + x * y) % 23 == 0, 255 - plain, plain)
    yield "specks", np.where((y % (4 * size) < 1) & (x % (5 * size) < 2), PEN, plain)
    yield "neighbour", np.where((x >= width - size) & (abs(y - height // 2) < 2 * size), PEN, plain)
    yield "corner of a table", np.where(x + y > 85 * (width + height) // 100, 60, plain)
    yield "faint", 200 - (235 - plain) // 8


def outline(side: int) -> Integers:
    """Return a cross drawn with a pen of one pixel on a large canvas."""
    canvas = np.full((side, side), 255)
    canvas[side // 8 : -side // 4, side // 2] = canvas[side // 3, side // 5 : -side // 5] = 0
    return canvas


def glare(size: int) -> Integers:
    """Return a light two on a board with a soft spot of light beside it."""
    board = 255 - sheet(glyph(2, size), 4 * size)
    y, x = np.mgrid[: board.shape[0], : board.shape[1]]
    away = (y - 4 * size) ** 2 + (x - 11 * size) ** 2
    lit: Integers = np.maximum(
        board, 20 + 90 * np.maximum(0, 20 * size**2 - away) // (20 * size**2)
    )
    return lit


def surroundings(size: int) -> Iterator[tuple[str, Integers]]:
    """Yield a digit with something drawn around, under or beside it, by name, in grey levels."""
    plain = sheet(glyph(2, size), 5 * size)
    y, x = np.mgrid[: plain.shape[0], : plain.shape[1]]
    away = (2 * y - plain.shape[0]) ** 2 + (2 * x - plain.shape[1] + 2 * size) ** 2
    ring = (away >= (12 * size) ** 2) & (away < (13 * size) ** 2)
    yield "circled", np.where(ring, PEN, plain)
    below = (y >= 13 * size) & (y < 14 * size) & (x >= 4 * size) & (x < 11 * size)
    yield "underlined", np.where(below, PEN, plain)
    word = np.concatenate([glyph(digit, 2) for digit in (3, 0, 7, 4)], axis=1)
    labelled = plain.copy()
    labelled[size : size + len(word), 4 * size : 4 * size + word.shape[1]] -= (PAPER - PEN) * word
    yield "word above", labelled
    zero = sheet(glyph(0, size), 3 * size)
    zero[3 * size : 4 * size, 7 * size :] = PEN
    yield "joining stroke", zero
    yield "broken strokes", 255 - 255 * broken_strokes()


def broken_strokes() -> Integers:
    """Return a 4 of 28x28 pixels whose strokes are a pixel wide, with gaps of a pixel."""
    picture = np.zeros((28, 28), np.intp)
    picture[5:16, 9] = picture[16, 9:20] = picture[9:24, 16] = 1
    picture[[8, 12], 9] = picture[16, 13] = picture[20, 16] = 0
    return picture


def drawn_pictures() -> dict[str, Grey8]:
    """Return all pictures by name, (H, W) uint8 each."""
    found = {"empty": np.full((60, 50), 200), "one pixel": np.full((1, 1), 9)}
    found |= {"thin pen": outline(1500), "thin pen, large": outline(700), "line": plain_line()}
    found |= {"board with glare": glare(12), **dict(surroundings(5))}
    for digit, size in ((0, 5), (1, 9), (2, 4), (3, 3), (4, 11), (7, 6)):
        for number, (name, picture) in enumerate(scenes(digit, size)):
            if (number + digit) % 2 == 0:
                found[f"{digit}, {name}"] = picture
    return {name: np.clip(picture, 0, 255).astype(np.uint8) for name, picture in found.items()}


def plain_line() -> Integers:
    """Return a bar in MNIST's format."""
    picture = np.zeros((28, 28), np.intp)
    picture[4:24, 12:16] = 255
    return picture
