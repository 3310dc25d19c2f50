"""Letters and signs that are no digit: written by hand, printed in Latin, and of other scripts."""

import functools

import numpy as np

from model_core.parameter import Array
from training.data.synthetic.altered_digits import DigitImages
from training.data.synthetic.drawing import crop
from training.data.typefaces import catalogue, hershey
from training.data.typefaces.look_alikes import is_look_alike
from training.data.typefaces.printing import print_glyph

# The characters most likely to be written in place of a digit.
LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz?!#%&+*/=<>"
# Standard deviation of the places of Hershey's points, in units of a letter's longer side, and of
# the map that bends the whole letter: no two people write a letter alike.
JITTER, BEND = 0.012, 0.13

Digits = tuple[int, ...]


def pen_letter(rng: np.random.Generator, digit_images: DigitImages) -> list[Array] | None:
    """Return the strokes of a letter in one of Hershey's alphabets, bent at random.

    Shapes: each (N, 2) float32 in a unit square, or slightly outside. None without the package.
    """
    letters = _pen_letters(digit_images.accepted)
    if not letters:
        return None
    strokes = letters[int(rng.integers(len(letters)))]
    matrix = np.eye(2) + rng.normal(0, BEND, (2, 2))
    return [
        ((stroke - 0.5) @ matrix + 0.5 + rng.normal(0, JITTER, stroke.shape)).astype(np.float32)
        for stroke in strokes
    ]


def handwriting_letter(rng: np.random.Generator, digit_images: DigitImages) -> Array:
    """Return a letter's ink in a typeface that imitates handwriting; a printed one without any."""
    faces = catalogue.handwriting() or catalogue.printed()
    latin = _latin(digit_images.accepted)
    face = faces[int(rng.integers(len(faces)))]
    return face.glyph(latin[int(rng.integers(len(latin)))])


def printed_letter(rng: np.random.Generator, digit_images: DigitImages) -> Array:
    """Return a letter or sign of Latin, printed."""
    faces, latin = catalogue.printed(), _latin(digit_images.accepted)
    face = faces[int(rng.integers(len(faces)))]
    return _print(face.glyph(latin[int(rng.integers(len(latin)))]), rng)


def other_script(rng: np.random.Generator, digit_images: DigitImages) -> Array:
    """Return a letter's ink in any script but Latin, each script as often as another."""
    scripts = _scripts(digit_images.accepted)
    faces = scripts[int(rng.integers(len(scripts)))]
    face, characters = faces[int(rng.integers(len(faces)))]
    return face.glyph(characters[int(rng.integers(len(characters)))])


def printed_other_script(rng: np.random.Generator, digit_images: DigitImages) -> Array:
    """Return a letter of any script but Latin, printed."""
    return _print(other_script(rng, digit_images), rng)


def _print(glyph: Array, rng: np.random.Generator) -> Array:
    """Print a glyph; one without ink stays as it is."""
    ink = crop(glyph) if glyph.size else glyph
    return print_glyph(ink, rng) if ink.size else ink


@functools.cache
def _latin(accepted: Digits) -> str:
    return "".join(letter for letter in LATIN if not is_look_alike(letter, accepted))


@functools.cache
def _pen_letters(accepted: Digits) -> list[list[Array]]:
    letters = hershey.letters()
    return [strokes for code, strokes in letters if not is_look_alike(code, accepted)]


@functools.cache
def _scripts(accepted: Digits) -> list[list[tuple[catalogue.Typeface, str]]]:
    """Return for each script the typefaces with those of its characters that look like no digit."""
    return [
        [
            (face, "".join(sign for sign in signs if not is_look_alike(sign, accepted)))
            for face, signs in faces
        ]
        for faces in catalogue.scripts().values()
    ]
