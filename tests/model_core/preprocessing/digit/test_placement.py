"""Scaling and placing the digit as in MNIST."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_core.preprocessing import normalise
from model_core.preprocessing.digit.placement import centre_by_mass, scale_to_box
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


@given(st.integers(1, 28), st.integers(1, 28), st.integers(0, 2**32))
def test_the_centre_of_mass_is_in_the_middle(height: int, width: int, seed: int) -> None:
    """Within half a pixel, or as near as the border allows."""
    scaled = np.random.default_rng(seed).random((height, width), np.float32)

    placed = centre_by_mass(scaled)

    rows, columns = (np.flatnonzero(placed.any(axis=axis)) for axis in (1, 0))
    centre = np.array([placed.sum(axis=axis) @ np.arange(28) for axis in (1, 0)]) / placed.sum()
    for apart, lines in zip(abs(centre - 13.5), (rows, columns), strict=True):
        assert apart < 0.51 or lines[0] == 0 or lines[-1] == 27


@given(st.integers(1, 96), st.integers(1, 96))
def test_the_longer_side_is_scaled_to_20(height: int, width: int) -> None:
    """And the shorter in proportion; solid ink stays solid."""
    scaled, thickened = scale_to_box(np.ones((height, width), np.float32))

    assert max(scaled.shape) == 20
    assert min(scaled.shape) == max(1, round(20 * min(height, width) / max(height, width)))
    assert scaled.min() > 0.999
    assert not thickened
