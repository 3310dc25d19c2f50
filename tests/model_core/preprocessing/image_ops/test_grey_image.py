"""A grey picture and its cached statistics."""

import numpy as np
import pytest
from hypothesis import given
from numpy.testing import assert_array_equal

from model_core.preprocessing.image_ops.grey_image import GreyImage
from model_core.preprocessing.image_ops.types import Grey8, Grey32
from tests.model_core.preprocessing.image_ops.strategies import grey8, grey32


@given(grey8)
def test_whole_levels_are_sorted_as_any_others(pixels: Grey8) -> None:
    """The quicker way gives the same picture and the same sorted levels."""
    quick, plain = GreyImage.of_whole_levels(pixels), GreyImage(pixels.astype(np.float32))

    assert_array_equal(quick.pixels, plain.pixels)
    assert_array_equal(quick.levels, plain.levels)


@given(grey32)
def test_negative_and_transpose_know_their_levels(grey: Grey32) -> None:
    """Sorted levels that are carried over agree with the pixels."""
    image = GreyImage(grey)

    for other in (image.negative(), image.transposed()):
        assert_array_equal(other.levels, np.sort(other.pixels, axis=None))
    assert_array_equal(image.negative().pixels, 255 - grey)


@given(grey32)
def test_border_and_corners_are_those_of_the_picture(grey: Grey32) -> None:
    """The four outermost lines; and the means of an eighth of the sides, rounded up."""
    image = GreyImage(grey)
    tall, wide = (-(-side // 8) for side in grey.shape)

    lines = [grey[0], grey[-1], grey[:, 0], grey[:, -1]]
    assert_array_equal(image.border, np.concatenate(lines))
    assert image.corner_means[0] == np.float32(grey[:tall, :wide].mean(dtype=np.float64))
    assert len(image.corner_means) == 4


@pytest.mark.parametrize(
    ("values", "ends"), [([7], (7, 7)), ([3, 1, 2], (1, 3)), ([9, 0, 5, 4, 255], (4, 9))]
)
def test_the_range_leaves_out_one_value_at_either_end(
    values: list[int], ends: tuple[float, float]
) -> None:
    """With four values or more; with fewer nothing is left out."""
    assert GreyImage(np.array([values], np.float32)).trimmed_range == ends
