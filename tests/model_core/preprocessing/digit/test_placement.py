"""Scaling and placing the digit as in MNIST."""

import numpy as np
import pytest

from model_core.preprocessing import normalise
from model_core.preprocessing.steps import Change


@pytest.mark.parametrize("size", [100, 300, 900])
def test_thin_strokes_come_out_as_wide_as_others(size: int) -> None:
    """A cross of one pixel's width has about the ink of MNIST's strokes, two or three wide."""
    picture = np.full((size, size), 255, np.uint8)
    picture[size // 10 : -size // 10, size // 2] = 0
    picture[size // 2, size // 10 : -size // 10] = 0

    result = normalise(picture)

    assert result.steps[-1] == Change.THICKENED_STROKES
    assert 2 < result.pixels.sum() / 255 / 40 < 3.5
