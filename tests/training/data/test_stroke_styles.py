"""Digits in other stroke styles."""

import numpy as np
from numpy.testing import assert_array_equal

from training.data.augmentation import Pixels
from training.data.stroke_styles import vary_stroke_styles


def strokes(count: int) -> Pixels:
    """Return vertical and horizontal strokes alternately, as wide as MNIST's."""
    images = np.zeros((count, 28, 28), np.uint8)
    images[::2, 4:24, 12:15] = 255
    images[1::2, 12:15, 4:24] = 255
    return images


def test_a_stroke_stays_a_stroke(rng: np.random.Generator) -> None:
    """In every style a stroke is 20 pixels long and centred, as MNIST's digits are."""
    for number, image in enumerate(vary_stroke_styles(strokes(64), rng)):
        rows, columns = (np.flatnonzero(image.max(axis=axis) > 60) for axis in (1, 0))
        length, width = (rows, columns) if number % 2 == 0 else (columns, rows)
        assert 18 <= np.ptp(length) + 1 <= 20
        assert 1 <= np.ptp(width) + 1 <= 12
        assert abs(length.mean() - 13.5) <= 1


def test_stroke_styles_differ(rng: np.random.Generator) -> None:
    """Thinner and thicker strokes both occur."""
    ink = vary_stroke_styles(strokes(64)[::2], rng).sum(axis=(1, 2)) / 255

    assert ink.min() < 45
    assert ink.max() > 80


def test_the_generator_decides() -> None:
    """The result depends on the generator only; the input is not changed."""
    images = strokes(40)
    before = images.copy()

    first, second = (vary_stroke_styles(images, np.random.default_rng(3)) for _ in range(2))

    assert_array_equal(first, second)
    assert_array_equal(images, before)
    assert first.shape == images.shape
    assert first.dtype == np.uint8


def test_an_empty_picture_stays_empty(rng: np.random.Generator) -> None:
    """A picture without ink stays empty."""
    assert not vary_stroke_styles(np.zeros((3, 28, 28), np.uint8), rng).any()
