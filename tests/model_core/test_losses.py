"""Losses and softmax: gradients, extreme logits, errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose

from model_core.errors import ShapeError
from model_core.losses import SoftmaxCrossEntropy, SquaredError, one_hot, softmax
from model_core.parameter import Array
from tests.model_core.gradients import numeric_gradient

FINITE32 = st.floats(allow_nan=False, allow_infinity=False, width=32)
FINITE64 = st.floats(allow_nan=False, allow_infinity=False)


def test_cross_entropy_gradient_matches_finite_differences(rng: np.random.Generator) -> None:
    """dloss/dlogits agrees with central differences."""
    logits, target = rng.standard_normal((4, 5)), rng.dirichlet(np.ones(5), 4)
    criterion = SoftmaxCrossEntropy()

    gradient = criterion.gradient(logits, target)
    expected = numeric_gradient(lambda: criterion.value(logits, target), logits)

    assert_allclose(gradient, expected, atol=1e-8)


def test_squared_error_gradient_matches_finite_differences(rng: np.random.Generator) -> None:
    """dloss/doutput agrees with central differences."""
    output, target = rng.standard_normal((2, 4, 3))
    criterion = SquaredError()

    gradient = criterion.gradient(output, target)
    expected = numeric_gradient(lambda: criterion.value(output, target), output)

    assert_allclose(gradient, expected, atol=1e-8)


def test_cross_entropy_of_a_known_case() -> None:
    """Two equal logits have the loss log 2 and a gradient of one half."""
    logits, target = np.zeros((1, 2), np.float32), one_hot(np.array([0]), 2)
    criterion = SoftmaxCrossEntropy()

    assert criterion.value(logits, target) == pytest.approx(np.log(2))
    assert_allclose(criterion.gradient(logits, target), [[-0.5, 0.5]])


@given(
    logits=st.one_of(
        arrays(np.float32, (3, 5), elements=FINITE32), arrays(np.float64, (3, 5), elements=FINITE64)
    ),
    labels=arrays(np.int64, 3, elements=st.integers(0, 4)),
)
def test_no_finite_logits_overflow(logits: Array, labels: np.ndarray) -> None:
    """Probabilities, loss and gradient are finite for logits of any finite size."""
    probabilities = softmax(logits)
    target = one_hot(labels, 5)
    value = SoftmaxCrossEntropy().value(logits, target)
    gradient = SoftmaxCrossEntropy().gradient(logits, target)

    assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    assert np.isfinite(value)
    assert value >= 0
    assert np.isfinite(gradient).all()


def test_the_mean_of_the_largest_losses_does_not_overflow() -> None:
    """The mean of three losses near the largest float64 is finite, although their sum is not."""
    largest = np.finfo(np.float64).max
    logits = np.tile([largest, -largest], (3, 1))

    value = SoftmaxCrossEntropy().value(logits, one_hot(np.ones(3, np.int64), 2))

    assert np.isfinite(value)


def test_the_largest_logit_wins_at_the_edge_of_float32() -> None:
    """Logits near the largest float32 keep their order."""
    logits = np.array([[3.4e38, 3e38, -3.4e38]], np.float32)

    assert_allclose(softmax(logits), [[1, 0, 0]])


@pytest.mark.parametrize("size", [1, 100, 600, 700, 1e5])
def test_softmax_is_the_same_for_logits_of_any_size(size: float, rng: np.random.Generator) -> None:
    """With and without subtracting the maximum, softmax is exact to float64 precision."""
    logits = (size * rng.uniform(-1, 1, (4, 5))).astype(np.float32)
    wide = logits.astype(np.float64)

    powers = np.exp(wide - wide.max(axis=1, keepdims=True))

    assert_allclose(softmax(logits), powers / powers.sum(axis=1, keepdims=True), rtol=1e-12)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1, 5], r"of 0 to 4, got shape \(3,\), 0 to 5"),
        ([-1, 0, 0], r"of 0 to 4, got shape \(3,\), -1 to 0"),
        ([[0, 1]], r"of 0 to 4, got shape \(1, 2\), 0 to 1"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels: list[int], message: str) -> None:
    """A label that is too large or negative is an error."""
    with pytest.raises(ShapeError, match=message):
        one_hot(np.array(labels), 5)


@pytest.mark.parametrize("criterion", [SoftmaxCrossEntropy(), SquaredError()])
def test_a_target_of_another_shape_is_refused(
    criterion: SoftmaxCrossEntropy | SquaredError,
) -> None:
    """A target of another shape is an error; it is not broadcast."""
    for function in (criterion.value, criterion.gradient):
        with pytest.raises(ShapeError, match=r"expected shape \(3, 1\), got \(3, 2\)"):
            function(np.zeros((3, 1), np.float32), np.zeros((3, 2), np.float32))
