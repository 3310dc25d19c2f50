"""Metrics on cases worked by hand, and what holds for all of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from model_core.errors import ShapeError
from model_core.metrics import (
    Labels,
    accuracy,
    confusion_matrix,
    expected_calibration_error,
    reliability,
    rmse,
)
from model_core.parameter import Array


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


@st.composite
def answers(draw: st.DrawFn) -> tuple[Array, Labels]:
    """Return probabilities (N, K) and labels (N,)."""
    rows, classes = draw(st.integers(1, 40)), draw(st.integers(2, 10))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    return rng.dirichlet(np.full(classes, 0.3), rows), rng.integers(0, classes, rows)


def test_the_confusion_matrix_has_truth_in_rows_and_answers_in_columns() -> None:
    """A 0 called 0, a 0 called 1, a 1 called 2 and a 2 called 2."""
    scores = np.array([[5.0, 1, 1], [1, 5, 1], [1, 1, 5], [1, 1, 5]])

    matrix = confusion_matrix(scores, np.array([0, 0, 1, 2]))

    assert_array_equal(matrix, [[1, 1, 0], [0, 0, 1], [0, 0, 1]])


@given(answers())
def test_the_confusion_matrix_agrees_with_accuracy(case: tuple[Array, Labels]) -> None:
    """Its diagonal holds the right answers, its rows add up to the labels' counts."""
    scores, labels = case

    matrix = confusion_matrix(scores, labels)

    assert np.trace(matrix) == round(accuracy(scores, labels) * len(labels))
    assert_array_equal(matrix.sum(axis=1), np.bincount(labels, minlength=scores.shape[1]))


@pytest.mark.parametrize("label", [-1, 2])
def test_the_confusion_matrix_refuses_a_label_out_of_range(label: int) -> None:
    """Two classes know the labels 0 and 1."""
    with pytest.raises(ShapeError, match=f"labels: expected 0 to 1, got {label}"):
        confusion_matrix(np.zeros((1, 2)), np.array([label]))


def test_calibration_error_by_hand() -> None:
    """Two bins: one answer at 0.5, right (gap 0.5); two at 0.7 and 0.9, one right (gap 0.3)."""
    probabilities = np.array([[0.5, 0.3, 0.2], [0.1, 0.7, 0.2], [0.05, 0.05, 0.9]])
    labels = np.array([0, 1, 0])

    diagram = reliability(probabilities, labels, bins=2)

    assert_array_equal(diagram.counts, [1, 2])
    assert_allclose(diagram.confidence, [0.5, 0.8])
    assert_allclose(diagram.accuracy, [1, 0.5])
    error = expected_calibration_error(probabilities, labels, bins=2)
    assert error == pytest.approx((1 * 0.5 + 2 * 0.3) / 3)


def test_an_empty_bin_has_no_mean_and_no_weight() -> None:
    """Of ten bins, one answer at 0.75 fills the eighth alone."""
    diagram = reliability(np.array([[0.75, 0.25]]), np.array([0]), bins=10)

    assert_array_equal(np.flatnonzero(diagram.counts), [7])
    assert_array_equal(np.isnan(diagram.accuracy), diagram.counts == 0)
    assert diagram.calibration_error == pytest.approx(0.25)


@pytest.mark.parametrize("tenths", range(2, 11))
def test_an_edge_belongs_to_the_bin_below(tenths: int) -> None:
    """Confidence m/10 exactly is in bin m, whatever binary makes of it."""
    confidence = tenths / 10
    others = np.full(9, (1 - confidence) / 9)
    probabilities = np.array([[confidence, *others]])

    assert reliability(probabilities, np.array([0]), bins=10).counts[tenths - 1] == 1


@given(answers(), st.integers(1, 30))
def test_calibration_error_is_bounded(case: tuple[Array, Labels], bins: int) -> None:
    """At least the gap between mean confidence and accuracy, as in one bin; at most 1."""
    probabilities, labels = case

    error = expected_calibration_error(probabilities, labels, bins=bins)
    overall = expected_calibration_error(probabilities, labels, bins=1)

    assert overall - 1e-12 <= error <= 1
    gap = abs(probabilities.max(axis=1).mean() - accuracy(probabilities, labels))
    assert overall == pytest.approx(gap)


def test_sure_and_right_is_calibrated() -> None:
    """Certain answers, all right: no error; all wrong: the largest there is."""
    certain = np.eye(4)

    assert expected_calibration_error(certain, np.arange(4)) == 0
    assert expected_calibration_error(certain, np.arange(4)[::-1]) == 1


@pytest.mark.parametrize(("rows", "labels"), [(0, 0), (2, 3)])
def test_calibration_refuses_what_cannot_be_counted(rows: int, labels: int) -> None:
    """No rows, or another number of labels, is an error."""
    with pytest.raises(ShapeError, match="expected one per row"):
        reliability(np.zeros((rows, 2)), np.zeros(labels, np.intp))
