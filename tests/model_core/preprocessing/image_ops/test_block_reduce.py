"""Block means and extremes, against scikit-image's block_reduce."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from skimage.measure import block_reduce

from model_core.preprocessing.image_ops.block_reduce import block_extremes, block_mean
from model_core.preprocessing.image_ops.types import Grey8
from tests.model_core.preprocessing.image_ops.strategies import grey8


@given(grey8, st.integers(1, 9))
def test_block_means_are_scikit_images(pixels: Grey8, block: int) -> None:
    """The last blocks may be smaller: pixels beyond the border do not count."""
    expected = block_reduce(pixels.astype(np.float64), block, np.nanmean, cval=np.nan)

    assert_allclose(block_mean(pixels, block), expected, rtol=1e-6)


@given(grey8, st.integers(1, 9))
def test_means_of_a_negative_are_those_of_the_negative_picture(pixels: Grey8, block: int) -> None:
    """To the bit, so that a picture and its negative come out alike."""
    assert_array_equal(block_mean(pixels, block, negative=True), block_mean(255 - pixels, block))


@pytest.mark.parametrize("block", [257, 258])
def test_the_sums_of_large_white_blocks_have_room(block: int) -> None:
    """257 white pixels are the most whose sum has room in 16 bits."""
    white = np.full((2 * block + 1, block), 255, np.uint8)

    assert_array_equal(block_mean(white, block), np.full((3, 1), 255))


@given(grey8, st.integers(1, 9))
def test_block_extremes_are_scikit_images(pixels: Grey8, block: int) -> None:
    """The darkest and the lightest pixel of each block."""
    darkest, lightest = block_extremes(pixels, block)

    assert_array_equal(darkest, block_reduce(pixels, block, np.min, cval=255))
    assert_array_equal(lightest, block_reduce(pixels, block, np.max, cval=0))
