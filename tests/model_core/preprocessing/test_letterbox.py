"""Letterbox resizing."""

import numpy as np
from numpy.testing import assert_array_equal

from model_core.preprocessing import letterbox
from model_core.preprocessing.steps import Scaled


def test_letterbox_leaves_polarity_alone() -> None:
    """A picture on white stays on white."""
    result = letterbox(np.full((56, 56), 250, np.uint8))

    assert_array_equal(result.pixels, np.full((28, 28), 250))
    assert result.steps == (Scaled((56, 56), (28, 28)),)
