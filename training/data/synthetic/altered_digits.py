"""Digits altered until they are none: mirrored, on their side, halved, several at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_core.parameter import Array
from training.data.augmentation import Pixels
from training.data.synthetic.drawing import crop

DIGITS = tuple(range(10))
# Digits that are none when mirrored or rotated by a quarter; 0, 1 and 8 still are.
ASYMMETRIC = (2, 3, 4, 5, 6, 7, 9)
# Digits whose upper and lower halves are no digits; half an 8 is a 0.
HALVES = (0, 2, 3, 5)


@dataclass(frozen=True, slots=True)
class DigitImages:
    """Images (N, 28, 28) uint8, and for each digit 0-9 the indices of its images.

    ``accepted`` are the digits that are to be told apart: what looks like one is no reject image.
    """

    images: Pixels
    by_digit: Sequence[NDArray[np.intp]]
    accepted: tuple[int, ...] = (0, 1, 2, 3, 4)


def mirrored(rng: np.random.Generator, digit_images: DigitImages) -> Array:
    """Return a mirrored digit."""
    ink = draw_digit(rng, digit_images, ASYMMETRIC)
    return ink[:, ::-1] if rng.random() < 0.7 else ink[::-1]


def on_its_side(rng: np.random.Generator, digit_images: DigitImages) -> Array:
    """Return a digit rotated by a quarter turn."""
    return np.rot90(draw_digit(rng, digit_images, (1, *ASYMMETRIC)), 1 if rng.random() < 0.5 else 3)


def half(rng: np.random.Generator, digit_images: DigitImages) -> Array:
    """Return the upper or the lower half of a digit."""
    ink = draw_digit(rng, digit_images, HALVES)
    rows = np.flatnonzero(ink.any(axis=1))
    middle = (rows[0] + rows[-1] + 1) // 2
    return ink[:middle] if rng.random() < 0.5 else ink[middle:]


def side_by_side(rng: np.random.Generator, digit_images: DigitImages) -> Array:
    """Return two or three touching digits in a row."""
    inks = [crop(draw_digit(rng, digit_images, DIGITS)) for _ in range(int(rng.integers(2, 4)))]
    height = max(len(ink) for ink in inks)
    result = np.zeros((height, 0), np.float32)
    for ink in inks:
        overlap = min(int(rng.integers(0, 4)), result.shape[1], ink.shape[1])
        wider = np.zeros((height, result.shape[1] + ink.shape[1] - overlap), np.float32)
        wider[:, : result.shape[1]] = result
        top = (height - len(ink)) // 2
        place = wider[top : top + len(ink), wider.shape[1] - ink.shape[1] :]
        np.maximum(place, ink, out=place)
        result = wider
    return result


def overlaid(rng: np.random.Generator, digit_images: DigitImages) -> Array:
    """Return two digits on top of each other."""
    both: Array = np.max([draw_digit(rng, digit_images, DIGITS) for _ in range(2)], axis=0)
    return both


def draw_digit(
    rng: np.random.Generator, digit_images: DigitImages, among: tuple[int, ...]
) -> Array:
    """Return the ink of a random image of one of some digits, (28, 28) float32 in 0..1."""
    numbers = digit_images.by_digit[among[int(rng.integers(len(among)))]]
    chosen: Pixels = digit_images.images[numbers[int(rng.integers(len(numbers)))]]
    return chosen.astype(np.float32) / 255
