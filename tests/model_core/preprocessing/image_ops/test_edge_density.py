"""Edge density: counted pixel by pixel, and independent of scale and polarity."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from model_core.preprocessing.image_ops.edge_density import EDGE_SHARE, edge_density
from model_core.preprocessing.image_ops.types import Grey8

PICTURES = arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=9))


@given(pixels=PICTURES)
def test_edges_are_counted_between_neighbours(pixels: Grey8) -> None:
    """The count of a loop over all neighbours is the same."""
    levels = pixels.astype(int)
    least = (levels.max() - levels.min()) // EDGE_SHARE
    height, width = levels.shape
    edges = 0
    for y, x in np.ndindex(height, width):
        edges += y + 1 < height and abs(levels[y, x] - levels[y + 1, x]) > least
        edges += x + 1 < width and abs(levels[y, x] - levels[y, x + 1]) > least

    assert edge_density(pixels) == pytest.approx(edges / (height + width))


@given(pixels=PICTURES)
def test_a_negative_has_the_same_density(pixels: Grey8) -> None:
    """A picture and its negative have the same edges."""
    assert edge_density(255 - pixels) == edge_density(pixels)


@given(side=st.integers(8, 60))
def test_a_square_has_the_same_density_at_every_size(side: int) -> None:
    """The density of a shape does not grow with the picture."""
    pixels = np.full((2 * side, 2 * side), 255, np.uint8)
    pixels[side // 2 : side // 2 + side, side // 2 : side // 2 + side] = 0

    assert edge_density(pixels) == 1
