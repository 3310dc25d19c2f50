"""Morphological operations, against scikit-image's."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from skimage.morphology import dilation, erosion, opening

from model_core.preprocessing.image_ops.morphology import (
    binary_dilation,
    grey_erosion,
    grey_opening,
    window_size,
)
from model_core.preprocessing.image_ops.types import Grey32, Mask
from tests.model_core.preprocessing.image_ops.strategies import grey32, masks


@given(grey32, st.integers(0, 8).map(lambda half: 2 * half + 1))
def test_grey_opening_is_scikit_images(grey: Grey32, window: int) -> None:
    """With a square of any odd side, larger than the picture, too."""
    square = np.ones((window, window))

    expected = opening(grey, square, mode="ignore")

    assert_array_equal(grey_opening(grey, window), expected)


@given(grey32, st.integers(0, 8).map(lambda half: 2 * half + 1))
def test_grey_erosion_is_scikit_images(grey: Grey32, window: int) -> None:
    """With a square of any odd side, larger than the picture, too."""
    expected = erosion(grey, np.ones((window, window)), mode="ignore")

    assert_array_equal(grey_erosion(grey, window), expected)


@given(masks)
def test_binary_dilation_is_scikit_images(mask: Mask) -> None:
    """With a square of 3x3."""
    expected = dilation(mask, np.ones((3, 3)), mode="ignore")

    assert_array_equal(binary_dilation(mask), expected)


@given(st.integers(1, 500), st.integers(1, 500), st.integers(1, 8))
def test_windows_are_odd_and_a_part_of_the_longer_side(
    height: int, width: int, divisor: int
) -> None:
    """At least 3 pixels, and at most one more than the part."""
    part = max(height, width) // divisor

    window = window_size((height, width), divisor)

    assert window % 2 == 1
    assert max(3, part) <= window <= max(3, part + 1)
