"""The median filter, against scikit-image's."""

import numpy as np
from hypothesis import given
from numpy.testing import assert_array_equal
from skimage import filters

from model_core.preprocessing.image_ops.median_filter import median_filter
from model_core.preprocessing.image_ops.types import Grey32
from tests.model_core.preprocessing.image_ops.strategies import grey32


@given(grey32)
def test_the_median_of_3x3_is_scikit_images(grey: Grey32) -> None:
    """With the picture's edge repeated outwards."""
    expected = filters.median(grey, np.ones((3, 3)), mode="nearest")

    assert_array_equal(median_filter(grey), expected)
