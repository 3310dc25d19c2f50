"""Hershey's alphabets: letters as the strokes of a pen, from the package Hershey-Fonts."""

import functools

import numpy as np

from model_core.parameter import Array

# Alphabets that people write: upright, script and italic Latin, Cyrillic, Greek, kana.
ALPHABETS = (
    "futural",
    "rowmans",
    "scripts",
    "scripts",
    "scriptc",
    "cursive",
    "timesi",
    "cyrilc_1",
    "greeks",
    "greek",
    "japanese",
)
# Characters of these alphabets with a look of their own; the others have their codes from ASCII.
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz?#%&*+=<>@$"

Letter = tuple[str, list[Array]]


@functools.cache
def letters() -> list[Letter]:
    """Return each letter's code and strokes; none without the package.

    Shapes: a stroke is (N, 2) float32: x and y from the upper left corner, the longer side 0..1.
    """
    try:
        from HersheyFonts import HersheyFonts
    except ModuleNotFoundError:
        return []
    found = []
    for alphabet in ALPHABETS:
        font = HersheyFonts()
        font.load_default_font(alphabet)
        for code in sorted(font.all_glyphs):
            strokes = [np.array(line, np.float32) for line in font.all_glyphs[code].strokes]
            if strokes and (code in _LETTERS or code > "~"):
                found.append((code, _in_unit_square(strokes)))
    return found


def _in_unit_square(strokes: list[Array]) -> list[Array]:
    """Scale strokes so that the longer side is 1, in the middle of the shorter one."""
    points = np.concatenate(strokes)
    low, size = points.min(axis=0), np.ptp(points, axis=0)
    scale = max(float(size.max()), 1.0)
    margin = (1 - size / scale) / 2
    return [((stroke - low) / scale + margin).astype(np.float32) for stroke in strokes]
