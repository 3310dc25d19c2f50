"""Accuracy and RMSE on cases worked by hand."""

import numpy as np
import pytest

from model_core.errors import ShapeError
from model_core.metrics import accuracy, rmse


def test_accuracy_counts_rows() -> None:
    """Two of three rows have their largest score at the label."""
    scores = np.array([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]])

    assert accuracy(scores, np.array([1, 0, 0])) == pytest.approx(2 / 3)


def test_rmse_is_the_root_of_the_mean_square() -> None:
    """Differences 3 and 4 give the root of 12.5."""
    assert rmse(np.array([3.0, 0.0]), np.array([0.0, 4.0])) == pytest.approx(12.5**0.5)


@pytest.mark.parametrize(("rows", "labels"), [(0, 0), (2, 3)])
def test_accuracy_refuses_what_cannot_be_counted(rows: int, labels: int) -> None:
    """No rows, or another number of labels, is an error."""
    with pytest.raises(ShapeError, match="expected one per row"):
        accuracy(np.zeros((rows, 2)), np.zeros(labels, np.intp))


def test_rmse_refuses_to_broadcast() -> None:
    """Arrays of different shapes are an error."""
    with pytest.raises(ShapeError, match="target: expected shape"):
        rmse(np.zeros((3, 1)), np.zeros(3))
