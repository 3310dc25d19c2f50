"""Letters and symbols of many alphabets, rendered in matplotlib's typefaces."""

import functools
import unicodedata
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.ft2font import FT2Font

from model_core.parameter import Array

POINTS, DOTS_PER_INCH = 30, 72
# The characters most likely to be written in place of a digit.
COMMON = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz?!#%&+*/=<>56789"
# Typefaces with letters; the others contain parts of formulas.
PATTERNS = ("DejaVuS*[!y].ttf", "STIXGeneral*.ttf", "cm[brst][ist1]*.ttf")
# Unicode categories: letters, mathematical and other symbols.
CATEGORIES = ("Ll", "Lu", "Lo", "Sm", "So")


def letter(rng: np.random.Generator) -> Array:
    """Render a random letter or symbol, often a Latin letter, of about ``POINTS`` pixels a side."""
    fonts = _fonts()
    font, signs = fonts[int(rng.integers(len(fonts)))]
    choice = COMMON if rng.random() < 0.5 or not signs else signs
    font.clear()
    font.set_text(choice[int(rng.integers(len(choice)))])
    font.draw_glyphs_to_bitmap()
    return np.asarray(font.get_image(), np.float32) / 255


@functools.cache
def _fonts() -> list[tuple[FT2Font, str]]:
    """Return each typeface with the letters and symbols that it has."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    paths = sorted(path for pattern in PATTERNS for path in folder.glob(pattern))
    fonts = [FT2Font(str(path)) for path in paths]
    for font in fonts:
        font.set_size(POINTS, DOTS_PER_INCH)
    return [(font, _characters(font)) for font in fonts]


def _characters(font: FT2Font) -> str:
    known = map(chr, sorted(font.get_charmap()))
    return "".join(sign for sign in known if unicodedata.category(sign) in CATEGORIES)
