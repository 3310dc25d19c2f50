"""Letters and signs of many alphabets, in the typefaces that come with matplotlib."""

import functools
import unicodedata
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.ft2font import FT2Font

from model_core.parameter import Array

POINTS, DOTS_PER_INCH = 30, 72
# What people write into a box instead of a digit, most of all.
COMMON = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz?!#%&+*/=<>"
# Typefaces with letters; the others hold pieces of formulas.
PATTERNS = ("DejaVuS*[!y].ttf", "STIXGeneral*.ttf", "cm[brst][ist1]*.ttf")
# Letters, mathematical and other symbols.
CATEGORIES = ("Ll", "Lu", "Lo", "Sm", "So")


def letter(rng: np.random.Generator) -> Array:
    """Return one letter or sign, often a Latin letter, with about ``POINTS`` pixels a side."""
    font, signs = _draw_font(rng)
    return _print(font, COMMON if rng.random() < 0.5 or not signs else signs, rng)


def printed(digits: str, rng: np.random.Generator) -> Array:
    """Return one of some digits as it is printed."""
    font, _ = _draw_font(rng)
    return _print(font, digits, rng)


def _draw_font(rng: np.random.Generator) -> tuple[FT2Font, str]:
    fonts = _fonts()
    return fonts[int(rng.integers(len(fonts)))]


def _print(font: FT2Font, signs: str, rng: np.random.Generator) -> Array:
    font.clear()
    font.set_text(signs[int(rng.integers(len(signs)))])
    font.draw_glyphs_to_bitmap()
    return np.asarray(font.get_image(), np.float32) / 255


@functools.cache
def _fonts() -> list[tuple[FT2Font, str]]:
    """Return each typeface with its letters and symbols."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    paths = sorted(path for pattern in PATTERNS for path in folder.glob(pattern))
    fonts = [FT2Font(str(path)) for path in paths]
    for font in fonts:
        font.set_size(POINTS, DOTS_PER_INCH)
    return [(font, _characters(font)) for font in fonts]


def _characters(font: FT2Font) -> str:
    known = map(chr, sorted(font.get_charmap()))
    return "".join(sign for sign in known if unicodedata.category(sign) in CATEGORIES)
