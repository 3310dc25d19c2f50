"""Catalogue of the typefaces that are installed, with the letters and signs of each."""

import functools
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.ft2font import FT2Font

from model_core.parameter import Array
from training.data.typefaces import packages

# Size of a glyph: its capital letters are about 30 pixels high.
POINTS, DOTS_PER_INCH = 42, 72
# Unicode categories: letters, mathematical and other symbols.
CATEGORIES = ("Ll", "Lu", "Lo", "Sm", "So")
# Letters and signs that a script needs to be drawn from: fewer are parts of formulas.
LEAST_LETTERS = 20


@dataclass(frozen=True, slots=True)
class Typeface:
    """A file of glyphs: its name, and the letters and signs that it has."""

    name: str
    font: FT2Font
    characters: str

    def glyph(self, character: str) -> Array:
        """Return a character's ink, (H, W) float32 in 0..1; (0, 0) if it is empty."""
        self.font.clear()
        self.font.set_text(character)
        self.font.draw_glyphs_to_bitmap()
        return np.asarray(self.font.get_image(), np.float32) / 255


@functools.cache
def handwriting() -> list[Typeface]:
    """Return the typefaces that imitate handwriting."""
    return [_open(path) for path in packages.installed(packages.HANDWRITING)]


@functools.cache
def printed() -> list[Typeface]:
    """Return the typefaces of books, newspapers and screens; matplotlib has some of them."""
    return [_open(path) for path in (*packages.bundled(), *packages.installed(packages.PRINTED))]


@functools.cache
def scripts() -> dict[str, list[tuple[Typeface, str]]]:
    """Return for each script but Latin, and for the signs, the typefaces and their characters."""
    found: dict[str, list[tuple[Typeface, str]]] = {}
    others = [_open(path) for path in packages.installed(packages.SCRIPTS)]
    for typeface in (*printed(), *others):
        own: dict[str, list[str]] = {}
        for character in typeface.characters:
            own.setdefault(_script(character), []).append(character)
        for script, characters in own.items():
            if script != "LATIN" and len(characters) >= LEAST_LETTERS:
                found.setdefault(script, []).append((typeface, "".join(characters)))
    return found


@functools.cache
def _open(path: Path) -> Typeface:
    font = FT2Font(str(path))
    font.set_size(POINTS, DOTS_PER_INCH)
    known = map(chr, sorted(font.get_charmap()))
    letters = "".join(sign for sign in known if unicodedata.category(sign) in CATEGORIES)
    return Typeface(path.stem, font, letters)


def _script(character: str) -> str:
    """Return the script's name: the first word of the character's; ``SIGN`` for all symbols."""
    if unicodedata.category(character).startswith("S"):
        return "SIGN"
    return unicodedata.name(character, "SIGN").split()[0].split("-")[0]
