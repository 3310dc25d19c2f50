"""Dropout: the distribution of its output, PyTorch's as a reference, and its errors."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from model_core.errors import GeneratorError
from model_core.layers import Dropout, Linear
from model_core.network import Sequential
from model_core.parameter import Array

MASKS = 20_000


def outputs(p: float, x: Array, rng: np.random.Generator) -> Array:
    """Return the training outputs of ``x`` (features,) for many masks, (MASKS, features)."""
    layer = Dropout(p)
    layer.use_generator(rng)
    return layer.forward(np.tile(x, (MASKS, 1)), training=True)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_the_expected_output_is_the_input(p: float, rng: np.random.Generator) -> None:
    """The mean over many masks is the input, within five standard errors."""
    x = np.array([1, -2, 0.5, 4], np.float32)

    mean = outputs(p, x, rng).mean(axis=0, dtype=np.float64)

    error = np.abs(x) * np.sqrt(p / (1 - p) / MASKS)
    assert (np.abs(mean - x) < 5 * error).all()


@pytest.mark.parametrize("p", [0, 0.1, 0.5, 0.9])
def test_values_are_zero_or_scaled(p: float, rng: np.random.Generator) -> None:
    """The share of zeros is p, and every other value is divided by 1 - p."""
    x = np.array([1, -2, 0.5], np.float32)

    result = outputs(p, x, rng)

    zeros = result == 0
    assert abs(zeros.mean() - p) <= 5 * np.sqrt(p * (1 - p) / zeros.size)
    expected = np.broadcast_to(x / np.float32(1 - p), result.shape)
    assert_allclose(result[~zeros], expected[~zeros], rtol=1e-6)


@pytest.mark.parametrize("p", [0.2, 0.75])
def test_the_distribution_is_that_of_pytorch(p: float, rng: np.random.Generator) -> None:
    """Same two values, and the same keep rate and mean within the sampling error of both."""
    torch = pytest.importorskip("torch", reason="needs torch: pip install '.[compare]'")
    x = np.array([3], np.float32)
    torch.manual_seed(0)

    ours = outputs(p, x, rng)
    theirs = torch.nn.Dropout(p)(torch.tensor(np.tile(x, (MASKS, 1)))).numpy()

    assert_allclose(np.unique(ours), np.unique(theirs), rtol=1e-6)
    error = np.sqrt(2 * p * (1 - p) / MASKS)
    assert abs((ours > 0).mean() - (theirs > 0).mean()) < 5 * error
    assert abs(ours.mean() - theirs.mean()) < 5 * error * 3 / (1 - p)


def test_the_gradient_is_zero_where_the_output_is(rng: np.random.Generator) -> None:
    """The backward pass applies the mask and the scale of the forward pass."""
    layer = Dropout(0.5)
    layer.use_generator(rng)
    y = layer.forward(np.ones((4, 6), np.float32), training=True)

    gradient = layer.backward(np.full((4, 6), 3, np.float32))

    assert_array_equal(gradient, 3 * y)
    assert set(np.unique(y)) == {0, 2}


def test_the_generator_decides() -> None:
    """Two generators with the same seed give the same masks; each forward draws a new one."""
    one, other = Dropout(0.5), Dropout(0.5)
    x = np.ones((3, 50), np.float32)
    for layer in (one, other):
        layer.use_generator(np.random.default_rng(4))

    first, again = one.forward(x, training=True), one.forward(x, training=True)

    assert_array_equal(first, other.forward(x, training=True))
    assert (first != again).any()


def test_a_network_hands_its_generator_to_every_random_layer(rng: np.random.Generator) -> None:
    """Both dropout layers of a chain draw from the one generator, one after the other."""
    network = Sequential(Dropout(0.5), Linear(8, 8, rng=rng), Dropout(0.5))
    x = np.ones((2, 8), np.float32)

    results = []
    for seed in (1, 1, 2):
        network.use_generator(np.random.default_rng(seed))
        results.append(network.forward(x, training=True))

    assert_array_equal(results[0], results[1])
    assert (results[0] != results[2]).any()


def test_training_without_a_generator_is_an_error() -> None:
    """There is no hidden source of random numbers; inference needs none."""
    layer = Dropout()
    x = np.ones((1, 2), np.float32)

    assert_array_equal(layer.forward(x), x)
    with pytest.raises(GeneratorError, match=r"expected use_generator\(rng\) first, got none"):
        layer.forward(x, training=True)


@pytest.mark.parametrize("p", [-0.1, 1, 1.5, float("nan")])
def test_a_probability_out_of_range_is_refused(p: float) -> None:
    """The error names the argument, the range and the value."""
    with pytest.raises(ValueError, match=f"p: expected 0 to below 1, got {p}"):
        Dropout(p)
