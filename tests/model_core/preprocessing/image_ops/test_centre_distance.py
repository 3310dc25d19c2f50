"""Chebyshev distance from the centre."""

import numpy as np
from hypothesis import given
from numpy.testing import assert_allclose

from model_core.preprocessing.image_ops.centre_distance import centre_distance
from tests.model_core.preprocessing.image_ops.strategies import shapes


@given(shapes)
def test_distances_grow_from_the_centre_to_the_border(shape: tuple[int, int]) -> None:
    """The larger of both axes' distances in shares of their lengths, at the pixels' middles."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    down, across = (y + 0.5) / shape[0] - 0.5, (x + 0.5) / shape[1] - 0.5

    got = centre_distance(shape)[:-1].reshape(shape[0], shape[1] + 1)[:, 1:]

    assert_allclose(got, np.maximum(abs(down), abs(across)), rtol=1e-6, atol=1e-7)
