"""Synthetic pictures that are no digit."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from training.data.synthetic import DigitImages, draw_synthetic, similar_to_digits
from training.data.synthetic.drawing import SIZE, crop, draw_lines, to_mnist_format
from training.data.synthetic.kinds import KINDS, draw_kind


@pytest.fixture
def digit_images(rng: np.random.Generator) -> DigitImages:
    """Return two images per digit: bars of different widths."""
    images = np.zeros((20, 28, 28), np.uint8)
    by_digit = list(np.arange(20).reshape(10, 2))
    for digit, numbers in enumerate(by_digit):
        images[numbers, 4:24, 6 : 8 + digit] = rng.integers(100, 256, (2, 20, 2 + digit))
    return DigitImages(images, by_digit)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_ink_where_digits_have_it(
    kind: str, digit_images: DigitImages, rng: np.random.Generator
) -> None:
    """Almost all drawings have ink, and it lies within 20x20."""
    draw, _ = KINDS[kind]
    images = np.stack([draw_kind(draw, digit_images, rng) for _ in range(40)])

    assert images.shape == (40, 28, 28)
    assert images.dtype == np.uint8
    with_ink = images[images.any(axis=(1, 2))]
    assert len(with_ink) >= 36  # a dot may be too faint, half a picture empty
    for image in with_ink:
        rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
        assert max(np.ptp(rows), np.ptp(columns)) + 1 <= 20
    assert len(np.unique(images, axis=0)) >= 10


def test_the_generator_decides(digit_images: DigitImages) -> None:
    """The drawings depend on the generator only."""
    one, again, other = np.empty((3, 60, 28, 28), np.uint8)
    for drawings, seed in ((one, 5), (again, 5), (other, 6)):
        draw_synthetic(drawings, digit_images, np.random.default_rng(seed))

    assert_array_equal(one, again)
    assert (one != other).any()


def test_shares_add_up() -> None:
    """The relative frequencies of all kinds add up to 1."""
    assert sum(share for _, share in KINDS.values()) == pytest.approx(1)


def test_a_line_is_where_it_should_be() -> None:
    """A horizontal line has the given position and width, within the margin."""
    ink = draw_lines([np.array([[0, 0.5], [1, 0.5]])], 4)

    assert ink.shape == (SIZE, SIZE)
    rows = np.flatnonzero(ink[:, SIZE // 2] > 0.5)
    assert rows.tolist() == [18, 19, 20, 21]
    assert ink[:, 0].max() == 0  # the margin


def test_lines_begin_at_the_upper_left_corner() -> None:
    """Coordinates grow to the right and downwards, as in an image."""
    ink = draw_lines([np.array([[0, 0], [0.2, 0.1]])], 4)

    assert ink[: SIZE // 2, : SIZE // 2].sum() == ink.sum() > 0


def test_cropping_keeps_the_ink() -> None:
    """Cropping keeps the ink, and nothing of an empty picture."""
    ink = np.zeros((30, 40), np.float32)
    ink[10:13, 20:30] = 1

    assert crop(ink).tolist() == np.ones((3, 10)).tolist()
    assert crop(np.zeros((5, 5), np.float32)).size == 0
    assert not to_mnist_format(np.zeros((5, 5), np.float32)).any()


def test_drawings_similar_to_digits_are_found(rng: np.random.Generator) -> None:
    """Copies of digits are similar to digits; a different drawing is not."""
    classes = np.repeat([0, 1], 300)
    digits = np.zeros((600, 28, 28), np.uint8)
    for image, one in zip(digits, classes, strict=True):
        place = int(rng.integers(10, 16))
        image[4:24, place : place + 4] = 255
        if not one:
            image[4:8, 6:22] = image[20:24, 6:22] = 255
    digits[:, :, :] = digits * rng.uniform(0.7, 1, digits.shape)
    drawings = np.zeros((3, 28, 28), np.uint8)
    drawings[0], drawings[1] = digits[0], digits[-1]
    drawings[2, 12:16, 4:24] = 255
    order = rng.permutation(600)

    assert similar_to_digits(drawings, digits[order], classes[order]).tolist() == [
        True,
        True,
        False,
    ]
