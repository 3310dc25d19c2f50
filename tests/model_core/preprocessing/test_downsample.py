"""Downsampling from 28x28 to 14x14."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from model_core.errors import ShapeError
from model_core.preprocessing import downsample


def test_downsample_is_the_mean_rounded_down() -> None:
    """A square of 1, 2, 3, 5 has mean 2.75, which counts as 2 of 255."""
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 2:4, 4:6] = [[1, 2], [3, 5]]

    result = downsample(image)

    assert result.dtype == np.float32
    assert result[0, 1, 2] == np.float32(2) / np.float32(255)
    assert np.count_nonzero(result) == 1


def test_downsample_keeps_black_and_white() -> None:
    """0 stays 0 and 255 becomes 1; nothing wraps around."""
    image = np.full((2, 28, 28), 255, np.uint8)
    image[1] = 0

    assert_array_equal(downsample(image)[:, 0, 0], [1, 0])


def test_downsample_takes_28x28_alone() -> None:
    """Another size is an error."""
    with pytest.raises(ShapeError, match=r"expected shape \(any, 28, 28\)"):
        downsample(np.zeros((1, 14, 14), np.uint8))
