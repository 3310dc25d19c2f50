"""The kinds of synthetic pictures and their relative frequencies."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_core.parameter import Array
from training.data.augmentation import Pixels
from training.data.handwriting.hand import write_letter
from training.data.handwriting.renderings import render, render_bitmap
from training.data.synthetic import (
    altered_digits,
    letters,
    marked_digits,
    scenes,
    strokes,
    textures,
)
from training.data.synthetic.altered_digits import DigitImages
from training.data.synthetic.drawing import crop, to_mnist_format

# A kind gives ink, (H, W) float32 in 0..1, or a finished picture, (28, 28) uint8.
Draw = Callable[[np.random.Generator, DigitImages], Array | Pixels]


def _alone(draw: Callable[[np.random.Generator], Array | Pixels]) -> Draw:
    """Adapt a function that needs no images of digits."""
    return lambda rng, _: draw(rng)


def _written(draw: Callable[[np.random.Generator], list[Array]]) -> Draw:
    """Adapt a function that returns lines: they are rendered as handwritten digits are."""
    return lambda rng, _: render(draw(rng), rng)


def _rendered(draw: Callable[[np.random.Generator, DigitImages], Array]) -> Draw:
    """Adapt a function that returns a glyph: it is rendered as handwritten digits are."""

    def picture(rng: np.random.Generator, digit_images: DigitImages) -> Pixels:
        ink = draw(rng, digit_images)
        return render_bitmap(crop(ink), rng) if ink.any() else to_mnist_format(ink)

    return picture


def _pen_letter(rng: np.random.Generator, digit_images: DigitImages) -> Pixels:
    """Write a letter of Hershey's alphabets, or a made-up one without them."""
    lines = letters.pen_letter(rng, digit_images)
    return render(strokes.character(rng) if lines is None else lines, rng)


def _written_letter(rng: np.random.Generator, digit_images: DigitImages) -> Pixels:
    """Write a letter or sign in a hand and a rendering as the digits have."""
    return render(write_letter(rng, digit_images.accepted), rng)


# Each kind with its relative frequency; the frequencies add up to 1.
KINDS: dict[str, tuple[Draw, float]] = {
    "written letter": (_written_letter, 0.17),
    "pen letter": (_pen_letter, 0.05),
    "handwriting letter": (_rendered(letters.handwriting_letter), 0.06),
    "printed letter": (letters.printed_letter, 0.11),
    "other script": (_rendered(letters.other_script), 0.08),
    "printed other script": (letters.printed_other_script, 0.07),
    "character": (_written(strokes.character), 0.11),
    "curves": (_written(strokes.curves), 0.03),
    "straight": (_written(strokes.straight), 0.03),
    "scribble": (_written(strokes.scribble), 0.02),
    "dots": (_alone(strokes.dots), 0.01),
    "mirrored": (altered_digits.mirrored, 0.04),
    "turned": (altered_digits.on_its_side, 0.03),
    "half": (altered_digits.half, 0.02),
    "side by side": (altered_digits.side_by_side, 0.02),
    "several": (marked_digits.several, 0.02),
    "on top": (altered_digits.overlaid, 0.01),
    "struck out": (marked_digits.struck_out, 0.02),
    "framed": (marked_digits.framed, 0.01),
    "in a blot": (marked_digits.in_a_blot, 0.01),
    "noise": (_alone(textures.noise), 0.01),
    "blots": (_alone(textures.blots), 0.01),
    "stripes": (_alone(textures.stripes), 0.01),
    "shade": (_alone(textures.shade), 0.01),
    "coloured noise": (_alone(scenes.coloured_noise), 0.01),
    "scene": (_alone(scenes.scene), 0.03),
}


def draw_synthetic(drawings: Pixels, digit_images: DigitImages, rng: np.random.Generator) -> None:
    """Fill an array with random synthetic pictures in MNIST's format.

    Shapes: ``drawings`` (N, 28, 28) uint8. Altered digits are made of ``digit_images``.
    """
    draws, shares = zip(*KINDS.values(), strict=True)
    kinds = rng.choice(len(KINDS), len(drawings), p=shares)
    for drawing, kind in zip(drawings, kinds, strict=True):
        drawing[:] = draw_kind(draws[kind], digit_images, rng)


def draw_kind(draw: Draw, digit_images: DigitImages, rng: np.random.Generator) -> Pixels:
    """Return one picture of a kind in MNIST's format, (28, 28) uint8."""
    drawn: NDArray[Any] = draw(rng, digit_images)
    return drawn if drawn.dtype == np.uint8 else to_mnist_format(drawn)
