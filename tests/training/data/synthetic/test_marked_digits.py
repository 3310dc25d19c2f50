"""Digits struck out, framed, or within something."""

from collections.abc import Callable

import numpy as np
import pytest

from model_core.parameter import Array
from training.data.synthetic import DigitImages, marked_digits
from training.data.synthetic.drawing import SIZE


@pytest.fixture
def digits(rng: np.random.Generator) -> DigitImages:
    """Return a bar of random grey for each digit."""
    images = np.zeros((10, 28, 28), np.uint8)
    images[:, 4:24, 10:18] = rng.integers(200, 256, (10, 20, 8))
    return DigitImages(images, list(np.arange(10).reshape(10, 1)))


def test_a_strike_reaches_beyond_the_digit(digits: DigitImages, rng: np.random.Generator) -> None:
    """Strokes reach from the left to the right of the drawing."""
    for _ in range(20):
        ink = marked_digits.struck_out(rng, digits)
        columns = np.flatnonzero(ink.any(axis=0))
        assert np.ptp(columns) > 0.75 * SIZE


def test_a_frame_is_around_the_digit(digits: DigitImages, rng: np.random.Generator) -> None:
    """A frame is outside the digit, on two sides at least."""
    for _ in range(20):
        ink = marked_digits.framed(rng, digits)
        middle = ink[SIZE // 2 - 2 : SIZE // 2 + 2]
        assert middle[:, SIZE // 2 - 3 : SIZE // 2 + 3].max() > 0.5
        assert (ink > 0.3).any(axis=0).sum() > 0.6 * SIZE


def test_a_blot_leaves_the_digit_lighter(digits: DigitImages, rng: np.random.Generator) -> None:
    """The digit is lighter than the patch around it."""
    ink = marked_digits.in_a_blot(rng, digits)

    assert ink[SIZE // 2, SIZE // 2] < ink[SIZE // 2, SIZE // 2 - 9]


@pytest.mark.parametrize("draw", [marked_digits.several, marked_digits.framed])
def test_ink_is_within_limits(
    draw: Callable[[np.random.Generator, DigitImages], Array],
    digits: DigitImages,
    rng: np.random.Generator,
) -> None:
    """Ink is between 0 and 1, and there is some."""
    for _ in range(20):
        ink = draw(rng, digits)
        assert ink.min() >= 0
        assert 0.5 < ink.max() <= 1
