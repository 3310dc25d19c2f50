"""Losses and softmax: gradients, extreme logits, errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose

from model_core.errors import ShapeError
from model_core.losses import SoftmaxCrossEntropy, SquaredError, softmax
from model_core.parameter import Array
from tests.model_core.gradients import numeric_gradient

FINITE32 = st.floats(allow_nan=False, allow_infinity=False, width=32)
FINITE64 = st.floats(allow_nan=False, allow_infinity=False)


def test_cross_entropy_gradient_matches_finite_differences(rng: np.random.Generator) -> None:
    """dloss/dlogits agrees with central differences."""
    logits, labels = rng.standard_normal((4, 5)), rng.integers(0, 5, 4)
    criterion = SoftmaxCrossEntropy()

    _, gradient = criterion.value_and_gradient(logits, labels)
    expected = numeric_gradient(lambda: criterion.value_and_gradient(logits, labels)[0], logits)

    assert_allclose(gradient, expected, atol=1e-8)


def test_squared_error_gradient_matches_finite_differences(rng: np.random.Generator) -> None:
    """dloss/doutput agrees with central differences."""
    output, target = rng.standard_normal((2, 4, 3))
    criterion = SquaredError()

    _, gradient = criterion.value_and_gradient(output, target)
    expected = numeric_gradient(lambda: criterion.value_and_gradient(output, target)[0], output)

    assert_allclose(gradient, expected, atol=1e-8)


def test_cross_entropy_of_a_known_case() -> None:
    """Two equal logits cost log 2, and pull with a half."""
    logits = np.zeros((1, 2), np.float32)

    value, gradient = SoftmaxCrossEntropy().value_and_gradient(logits, np.array([0]))

    assert value == pytest.approx(np.log(2))
    assert_allclose(gradient, [[-0.5, 0.5]])


@given(
    logits=st.one_of(
        arrays(np.float32, (3, 5), elements=FINITE32), arrays(np.float64, (3, 5), elements=FINITE64)
    ),
    labels=arrays(np.int64, 3, elements=st.integers(0, 4)),
)
def test_no_finite_logits_overflow(logits: Array, labels: np.ndarray) -> None:
    """Probabilities, loss and gradient are finite for logits of any finite size."""
    probabilities = softmax(logits)
    value, gradient = SoftmaxCrossEntropy().value_and_gradient(logits, labels)

    assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    assert np.isfinite(value)
    assert value >= 0
    assert np.isfinite(gradient).all()


def test_the_mean_of_the_largest_losses_does_not_overflow() -> None:
    """Three times a third of the largest number is more than that number; the mean is not."""
    largest = np.finfo(np.float64).max
    logits = np.tile([largest, -largest], (3, 1))

    value, _ = SoftmaxCrossEntropy().value_and_gradient(logits, np.ones(3, np.int64))

    assert np.isfinite(value)


def test_the_largest_logit_wins_at_the_edge_of_float32() -> None:
    """Extreme logits keep their order."""
    logits = np.array([[3.4e38, 3e38, -3.4e38]], np.float32)

    assert_allclose(softmax(logits), [[1, 0, 0]])


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1], "expected one per row"),
        ([0, 1, 5], "expected 0 to 4, got 0 to 5"),
        ([-1, 0, 0], "expected 0 to 4, got -1 to 0"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels: list[int], message: str) -> None:
    """A label too many, too large or negative is an error, not another row's loss."""
    with pytest.raises(ShapeError, match=message):
        SoftmaxCrossEntropy().value_and_gradient(np.zeros((3, 5), np.float32), np.array(labels))


def test_squared_error_refuses_to_broadcast() -> None:
    """Targets of another shape are an error, not a larger difference."""
    with pytest.raises(ShapeError, match=r"expected shape \(3, 1\), got \(3,\)"):
        SquaredError().value_and_gradient(np.zeros((3, 1)), np.zeros(3))
