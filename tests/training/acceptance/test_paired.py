"""Statistics of two versions on the same pictures."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from training.acceptance.paired import Paired, wilson


def test_pictures_are_counted_by_which_version_is_wrong() -> None:
    """Of both, the old one alone, the new one alone, neither."""
    old = np.array([True, True, True, False, False, False])
    new = np.array([True, False, False, True, False, False])

    pair = Paired.of(old, new)

    assert pair == Paired(both=1, fixed=2, broken=1, neither=2)
    assert (pair.pictures, pair.old, pair.new) == (6, 3, 2)


@pytest.mark.parametrize(
    ("fixed", "broken", "expected"),
    [(5, 0, 1 / 32), (4, 0, 1 / 16), (12, 3, 576 / 2**15), (0, 0, 1), (0, 6, 1), (1, 1, 3 / 4)],
)
def test_the_p_value_is_that_of_the_binomial_distribution(
    fixed: int, broken: int, expected: float
) -> None:
    """As many heads or more in tosses of a coin; without a difference it is 1."""
    pair = Paired(both=3, fixed=fixed, broken=broken, neither=40)

    assert pair.p_value == expected


@pytest.mark.parametrize(
    ("count", "low", "high"), [(0, 0, 0.2775), (3, 0.1078, 0.6032), (10, 0.7225, 1)]
)
def test_the_interval_of_one_share_is_wilsons(count: int, low: float, high: float) -> None:
    """Of 10 pictures."""
    assert_allclose(wilson(count, 10), (low, high), atol=5e-5)


def test_the_interval_of_the_difference_has_the_coverage_that_it_says() -> None:
    """About 95 of 100 intervals contain the true difference, for correlated versions."""
    rng = np.random.default_rng(5)
    chances = {"both": 0.1, "fixed": 0.25, "broken": 0.05, "neither": 0.6}
    draws = rng.multinomial(50, [*chances.values()], size=4000)

    intervals = np.array([Paired(*map(int, draw)).interval for draw in draws])
    inside = (intervals[:, 0] <= 0.2) & (intervals[:, 1] >= 0.2)

    assert 0.94 < inside.mean() < 0.97


@pytest.mark.parametrize(
    "pair", [Paired(0, 0, 0, 7), Paired(7, 0, 0, 0), Paired(0, 7, 0, 0), Paired(0, 0, 0, 0)]
)
def test_the_interval_exists_at_the_ends(pair: Paired) -> None:
    """Also without a difference, or without pictures, it contains the difference."""
    low, high = pair.interval

    assert -1 <= low <= (pair.old - pair.new) / max(1, pair.pictures) <= high <= 1
