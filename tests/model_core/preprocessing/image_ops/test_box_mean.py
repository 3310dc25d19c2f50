"""The box filter, against the mean of each square, and against scikit-image's rank filter."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from skimage.filters.rank import mean

from model_core.preprocessing.image_ops.box_mean import box_mean


@pytest.mark.parametrize("shape", [(1, 1), (7, 5), (40, 61)])
@pytest.mark.parametrize("window", [3, 9, 81])
def test_means_are_those_of_the_pixels_within_the_picture(
    shape: tuple[int, int], window: int
) -> None:
    """Near the border fewer pixels are within the square; scikit-image cuts off the fraction."""
    grey = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    whole = mean(grey, np.ones((window, window)))

    got = box_mean(grey.astype(np.float32), window)

    assert_allclose(got, whole + 0.5, atol=0.501)


def test_the_mean_of_one_level_is_that_level() -> None:
    """There is no darker rim along the border."""
    grey = np.full((20, 30), 77, np.float32)

    assert_allclose(box_mean(grey, 11), grey, rtol=1e-6)
