"""Metrics: hand-worked cases and invariants."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from model_core.errors import ShapeError
from model_core.metrics import (
    accuracy,
    confusion_matrix,
    reliability,
    rmse,
)
from model_core.parameter import Array, ClassIndices


def test_accuracy_counts_rows() -> None:
    """Two of three rows have their largest score at the label."""
    scores = np.array([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]])

    assert accuracy(scores, np.array([1, 0, 0])) == pytest.approx(2 / 3)


def test_rmse_is_the_root_of_the_mean_square() -> None:
    """Differences 3 and 4 give the root of 12.5."""
    assert rmse(np.array([3.0, 0.0]), np.array([0.0, 4.0])) == pytest.approx(12.5**0.5)


@pytest.mark.parametrize(("rows", "labels"), [(0, 0), (2, 3)])
def test_accuracy_refuses_what_cannot_be_counted(rows: int, labels: int) -> None:
    """No rows, or another number of labels than rows, is an error."""
    with pytest.raises(ShapeError, match="expected one per row"):
        accuracy(np.zeros((rows, 2)), np.zeros(labels, np.intp))


def test_rmse_refuses_to_broadcast() -> None:
    """Arrays of different shapes are an error."""
    with pytest.raises(ShapeError, match="target: expected shape"):
        rmse(np.zeros((3, 1)), np.zeros(3))


@st.composite
def answers(draw: st.DrawFn) -> tuple[Array, ClassIndices]:
    """Return probabilities (N, K) and labels (N,)."""
    rows, classes = draw(st.integers(1, 40)), draw(st.integers(2, 10))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    return rng.dirichlet(np.full(classes, 0.3), rows), rng.integers(0, classes, rows)


def test_the_confusion_matrix_has_truth_in_rows_and_answers_in_columns() -> None:
    """Rows are true labels and columns predicted labels."""
    scores = np.array([[5.0, 1, 1], [1, 5, 1], [1, 1, 5], [1, 1, 5]])

    matrix = confusion_matrix(scores, np.array([0, 0, 1, 2]))

    assert_array_equal(matrix, [[1, 1, 0], [0, 0, 1], [0, 0, 1]])


@given(answers())
def test_the_confusion_matrix_agrees_with_accuracy(case: tuple[Array, ClassIndices]) -> None:
    """The trace counts right answers, and each row adds up to the count of its label."""
    scores, labels = case

    matrix = confusion_matrix(scores, labels)

    assert np.trace(matrix) == round(accuracy(scores, labels) * len(labels))
    assert_array_equal(matrix.sum(axis=1), np.bincount(labels, minlength=scores.shape[1]))


@pytest.mark.parametrize("label", [-1, 2])
def test_the_confusion_matrix_refuses_a_label_out_of_range(label: int) -> None:
    """With two classes only the labels 0 and 1 are allowed."""
    with pytest.raises(ShapeError, match=f"labels: expected 0 to 1, got {label}"):
        confusion_matrix(np.zeros((1, 2)), np.array([label]))


def test_calibration_error_by_hand() -> None:
    """Two bins with gaps of 0.5 and 0.3 give their weighted mean."""
    probabilities = np.array([[0.5, 0.3, 0.2], [0.1, 0.7, 0.2], [0.05, 0.05, 0.9]])
    labels = np.array([0, 1, 0])

    diagram = reliability(probabilities, labels, bins=2)

    assert_array_equal(diagram.counts, [1, 2])
    assert_allclose(diagram.confidence, [0.5, 0.8])
    assert_allclose(diagram.accuracy, [1, 0.5])
    error = reliability(probabilities, labels, bins=2).calibration_error
    assert error == pytest.approx((1 * 0.5 + 2 * 0.3) / 3)


def test_an_empty_bin_has_no_mean_and_no_weight() -> None:
    """An empty bin has NaN as its means, and no influence on the calibration error."""
    diagram = reliability(np.array([[0.75, 0.25]]), np.array([0]), bins=10)

    assert_array_equal(np.flatnonzero(diagram.counts), [7])
    assert_array_equal(np.isnan(diagram.accuracy), diagram.counts == 0)
    assert diagram.calibration_error == pytest.approx(0.25)


@pytest.mark.parametrize("tenths", range(2, 11))
def test_an_edge_belongs_to_the_bin_below(tenths: int) -> None:
    """A confidence of exactly m/10 is in bin m, in spite of binary rounding."""
    confidence = tenths / 10
    others = np.full(9, (1 - confidence) / 9)
    probabilities = np.array([[confidence, *others]])

    assert reliability(probabilities, np.array([0]), bins=10).counts[tenths - 1] == 1


@given(answers(), st.integers(1, 30))
def test_calibration_error_is_bounded(case: tuple[Array, ClassIndices], bins: int) -> None:
    """The calibration error is at least that of a single bin, and at most 1."""
    probabilities, labels = case

    error = reliability(probabilities, labels, bins=bins).calibration_error
    overall = reliability(probabilities, labels, bins=1).calibration_error

    assert overall - 1e-12 <= error <= 1
    gap = abs(probabilities.max(axis=1).mean() - accuracy(probabilities, labels))
    assert overall == pytest.approx(gap)


def test_sure_and_right_is_calibrated() -> None:
    """Certain answers have an error of 0 if all are right, and of 1 if all are wrong."""
    certain = np.eye(4)

    assert reliability(certain, np.arange(4)).calibration_error == 0
    assert reliability(certain, np.arange(4)[::-1]).calibration_error == 1


@pytest.mark.parametrize(("rows", "labels"), [(0, 0), (2, 3)])
def test_calibration_refuses_what_cannot_be_counted(rows: int, labels: int) -> None:
    """No rows, or another number of labels than rows, is an error."""
    with pytest.raises(ShapeError, match="expected one per row"):
        reliability(np.zeros((rows, 2)), np.zeros(labels, np.intp))
