"""Order statistics, against NumPy's."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from model_core.preprocessing.image_ops.order_statistics import (
    count_at_most,
    median,
    midpoint_median,
    quantile,
    select_median,
)
from model_core.preprocessing.image_ops.types import Grey32
from tests.model_core.preprocessing.image_ops.strategies import grey32


@given(grey32, st.floats(0, 1))
def test_quantiles_are_numpys_lower_ones(grey: Grey32, share: float) -> None:
    """The lower of the two values between which the quantile lies; the median is that of a half."""
    ordered = np.sort(grey, axis=None)

    assert quantile(ordered, share) == np.quantile(grey, share, method="lower")
    assert median(ordered) == np.quantile(grey, 0.5, method="lower")
    assert select_median(grey.ravel()) == median(ordered)


@given(grey32)
def test_the_midpoint_median_values_is_numpys_median(grey: Grey32) -> None:
    """Of each row, bit for bit: of an even number of values, the mean of two."""
    assert_array_equal(midpoint_median(np.sort(grey, axis=1)), np.median(grey, axis=1))


@given(grey32, st.integers(-1, 256))
def test_ranks_are_counted(grey: Grey32, limit: int) -> None:
    """As many values as are not above the limit."""
    assert count_at_most(np.sort(grey, axis=None), limit) == np.count_nonzero(grey <= limit)
