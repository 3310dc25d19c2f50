"""Printed digits: those of all typefaces that are installed, and of displays."""

import functools

import numpy as np
from numpy.typing import NDArray

from model_core.parameter import Array
from training.data.augmentation import Pixels
from training.data.synthetic.drawing import crop, to_mnist_format
from training.data.typefaces import catalogue, displays
from training.data.typefaces.printing import print_glyph

# Shares of the digits that are of seven segments and of 5x7 dots.
SEGMENT_SHARE, DOT_SHARE = 0.09, 0.05
# A font family with many weights is not drawn more often than this many faces.
MOST_FACES = 4


def printed_digits(labels: NDArray[np.intp], rng: np.random.Generator) -> Pixels:
    """Return a printed digit for each label, each in a typeface of its own.

    Shapes: ``labels`` (N,) 0-9 -> (N, 28, 28) uint8.
    """
    images = np.empty((len(labels), 28, 28), np.uint8)
    for image, digit in zip(images, labels, strict=True):
        image[:] = to_mnist_format(print_glyph(_glyph(int(digit), rng), rng))
    return images


def _glyph(digit: int, rng: np.random.Generator) -> Array:
    kind = rng.random()
    if kind < SEGMENT_SHARE:
        return crop(displays.seven_segments(digit, rng))
    if kind < SEGMENT_SHARE + DOT_SHARE:
        return crop(displays.dot_matrix(digit, rng))
    families = _families()
    faces = families[int(rng.integers(len(families)))]
    return faces[int(rng.integers(len(faces)))][digit]


@functools.cache
def _families() -> list[list[list[Array]]]:
    """Return the ten glyphs of each face; a family with many faces stands there several times."""
    families: dict[str, list[list[Array]]] = {}
    for typeface in (*catalogue.printed(), *catalogue.handwriting()):
        glyphs = [crop(typeface.glyph(digit)) for digit in "0123456789"]
        if all(glyph.size for glyph in glyphs):
            families.setdefault(typeface.name.split("-")[0], []).append(glyphs)
    return [faces for faces in families.values() for _ in range(min(len(faces), MOST_FACES))]
