"""Layers: gradients against finite differences, edge cases, errors."""

import importlib
import pkgutil
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from model_core import layers
from model_core.errors import BackwardError, ShapeError
from model_core.layers import Conv2d, Flatten, Layer, Linear, MaxPool2d, ReLU
from model_core.layers.channels_last import FEW
from model_core.layers.conv_pool import ConvMaxPool2d
from model_core.layers.plan import Workspace
from model_core.parameter import Array
from tests.model_core.cases import DETERMINISTIC, LAYERS, RANDOM, Make, train_forward
from tests.model_core.gradients import numeric_gradient, to_float64


def layer_types() -> set[type[Layer]]:
    """Return every layer type of model_core.layers, exported or not."""
    names = [info.name for info in pkgutil.iter_modules(layers.__path__, "model_core.layers.")]
    values = [one for name in names for one in vars(importlib.import_module(name)).values()]
    return {one for one in values if isinstance(one, type) and issubclass(one, Layer)} - {Layer}


def test_every_layer_has_a_case(rng: np.random.Generator) -> None:
    """Each layer type is in the table of cases, so that all tests of layers include it."""
    makes: list[Any] = [case.values[0] for case in LAYERS]

    assert {type(make(rng)) for make in makes} == layer_types()


def test_every_layer_is_exported() -> None:
    """model_core.layers exports each layer type but the one that a network makes by itself."""
    exported = {getattr(layers, name) for name in layers.__all__} - {Layer}

    assert exported == layer_types() - {ConvMaxPool2d}


@pytest.mark.parametrize(("make", "shape"), LAYERS)
def test_a_layer_has_a_readable_repr(
    make: Make, shape: tuple[int, ...], rng: np.random.Generator
) -> None:
    """repr() is the type and its arguments, as error messages show it."""
    layer = make(rng)

    assert repr(layer).startswith(f"{type(layer).__name__}("), shape


@pytest.mark.parametrize(("make", "shape"), LAYERS)
def test_gradients_match_finite_differences(
    make: Make, shape: tuple[int, ...], rng: np.random.Generator
) -> None:
    """dloss/dinput and every parameter's gradient agree with central differences."""
    layer = make(rng)
    to_float64(layer)
    # distinct values, none within a step of a tie or of zero
    x = (rng.permutation(np.prod(shape)).reshape(shape) + 0.5) / np.prod(shape) - 0.5
    coefficients = rng.standard_normal(layer.forward(x).shape)

    def loss() -> float:
        return float((train_forward(layer, x) * coefficients).sum())

    train_forward(layer, x)
    gradient = layer.backward(coefficients).copy()

    assert_allclose(gradient, numeric_gradient(loss, x), atol=1e-8)
    for parameter in layer.parameters().values():
        assert_allclose(parameter.grad, numeric_gradient(loss, parameter.value), atol=1e-8)


@pytest.mark.parametrize(("make", "shape"), LAYERS)
def test_output_is_float32(make: Make, shape: tuple[int, ...], rng: np.random.Generator) -> None:
    """float32 in gives float32 out, forwards and backwards."""
    layer = make(rng)
    x = rng.standard_normal(shape, np.float32)

    y = train_forward(layer, x)
    gradient = layer.backward(np.ones_like(y))

    assert y.dtype == gradient.dtype == np.float32


@pytest.mark.parametrize(("make", "shape"), DETERMINISTIC)
def test_training_changes_no_answer(
    make: Make, shape: tuple[int, ...], rng: np.random.Generator
) -> None:
    """forward(training=True) returns what forward() does, and does not change its input."""
    layer = make(rng)
    x = rng.standard_normal(shape, np.float32)
    kept = x.copy()

    plain, training = layer.forward(x), layer.forward(x, training=True)

    assert_allclose(plain, training, rtol=1e-5, atol=1e-6)  # products are added in another order
    assert_array_equal(x, kept)


@pytest.mark.parametrize(("make", "shape"), DETERMINISTIC)
@pytest.mark.parametrize("few", range(1, FEW + 1))
def test_few_images_get_the_answers_of_many(
    make: Make, shape: tuple[int, ...], few: int, rng: np.random.Generator
) -> None:
    """The layout in memory depends on the number of images, the answers do not."""
    layer = make(rng)
    x = rng.standard_normal((FEW + 1, *shape[1:]), np.float32)

    assert_allclose(layer.forward(x[:few]), layer.forward(x)[:few], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("make", "shape"), RANDOM)
def test_a_random_layer_is_the_identity_in_inference(
    make: Make, shape: tuple[int, ...], rng: np.random.Generator
) -> None:
    """forward() returns its input and draws nothing; training does not change the input."""
    layer = make(rng)
    x = rng.standard_normal(shape, np.float32)
    kept = x.copy()

    train_forward(layer, x)
    layer.use_generator(rng)
    state = rng.bit_generator.state
    plain = layer.forward(x)

    assert_array_equal(plain, kept)
    assert_array_equal(x, kept)
    assert rng.bit_generator.state == state


@pytest.mark.parametrize(("make", "shape"), LAYERS)
def test_inference_writes_nothing(
    make: Make, shape: tuple[int, ...], rng: np.random.Generator
) -> None:
    """Inference between a training forward and its backward changes no gradient."""
    layer = make(rng)
    x, other = rng.standard_normal((2, *shape)).astype(np.float32)
    coefficients = rng.standard_normal(layer.forward(x).shape, np.float32)

    train_forward(layer, x)
    expected = layer.backward(coefficients).copy()
    train_forward(layer, x)
    layer.forward(other)
    gradient = layer.backward(coefficients)

    assert_array_equal(gradient, expected)


SAVING = [case for case in LAYERS if case.id != "identity"]  # which saves nothing for backward


@pytest.mark.parametrize(("make", "shape"), SAVING)
def test_backward_needs_a_training_forward(
    make: Make, shape: tuple[int, ...], rng: np.random.Generator
) -> None:
    """backward() after plain inference is an error, not a wrong gradient."""
    layer = make(rng)
    y = layer.forward(np.zeros(shape, np.float32))

    with pytest.raises(BackwardError, match=r"expected forward\(training=True\) first"):
        layer.backward(y)


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (Linear(4, 3, rng=np.random.default_rng()), (2, 5), r"expected shape \(any, 4\)"),
        (Conv2d(2, 3, 3, rng=np.random.default_rng()), (2, 1, 5, 5), r"\(any, 2, any, any\)"),
        (Conv2d(1, 3, 3, rng=np.random.default_rng()), (2, 1, 2, 5), "at least 3x3 .* got 2x5"),
        (MaxPool2d(2), (2, 3, 4), r"expected shape \(any, any, any, any\), got \(2, 3, 4\)"),
        (MaxPool2d(4), (1, 1, 3, 9), "at least 4x4 pixels, got 3x9"),
    ],
)
def test_a_wrong_shape_is_named(
    layer: Linear | Conv2d | MaxPool2d, shape: tuple[int, ...], message: str
) -> None:
    """An error names the expected and the given shape."""
    with pytest.raises(ShapeError, match=message):
        layer.forward(np.zeros(shape, np.float32))


def test_convolution_keeps_its_weights(rng: np.random.Generator) -> None:
    """Weights are drawn once: two forward passes give the same answer."""
    layer = Conv2d(1, 4, 3, rng=rng)
    x = rng.standard_normal((2, 1, 8, 8), np.float32)

    assert_array_equal(layer.forward(x), layer.forward(x))


@pytest.mark.parametrize("fan_in", [10, 1000])
def test_weights_are_scaled_by_fan_in(fan_in: int, rng: np.random.Generator) -> None:
    """The variance of new weights is 2 / fan_in."""
    linear = Linear(fan_in, 2000, rng=rng)
    conv = Conv2d(fan_in, 200, 3, rng=rng)

    assert_allclose(linear.weight.value.var(), 2 / fan_in, rtol=0.1)
    assert_allclose(conv.weight.value.var(), 2 / (9 * fan_in), rtol=0.1)


def test_the_same_generator_gives_the_same_weights() -> None:
    """Weights depend on the generator only."""
    one, two = (Linear(5, 4, rng=np.random.default_rng(7)) for _ in range(2))

    assert_array_equal(one.weight.value, two.weight.value)


@pytest.mark.parametrize("order", ["C", "F"])
def test_linear_multiplies_a_large_batch_in_parts(rng: np.random.Generator, order: str) -> None:
    """Each example of a batch that is multiplied in parts is the example's own product."""
    linear = Linear(100, 125, rng=rng)
    x = np.array(rng.normal(size=(161, 100)), np.float32, order=order)  # type: ignore[call-overload]
    products = linear.plan(x, Workspace()).operations[:-1]

    assert len(products) == 3
    assert_allclose(linear.forward(x), x @ linear.weight.value, rtol=1e-5, atol=1e-5)


def test_pooling_passes_the_gradient_to_one_of_tied_maxima() -> None:
    """Of four equal pixels the first in reading order gets the whole gradient."""
    layer = MaxPool2d(2)
    layer.forward(np.ones((1, 1, 2, 4), np.float32), training=True)

    gradient = layer.backward(np.array([[[[3.0, 5.0]]]], np.float32))

    assert_array_equal(gradient, [[[[3, 0, 5, 0], [0, 0, 0, 0]]]])


@given(
    seed=st.integers(0, 2**32 - 1),
    kernel=st.integers(1, 4),
    height=st.integers(4, 9),
    width=st.integers(4, 9),
)
def test_pooling_loses_no_gradient(seed: int, kernel: int, height: int, width: int) -> None:
    """The sum of the gradient is preserved, for all sizes and with ties."""
    rng = np.random.default_rng(seed)
    layer = MaxPool2d(kernel)
    x: Array = rng.integers(0, 3, (2, 2, height, width)).astype(np.float32)
    y = layer.forward(x, training=True)
    grad = rng.integers(1, 9, y.shape).astype(np.float32)

    gradient = layer.backward(grad)

    assert gradient.sum() == grad.sum()
    assert np.count_nonzero(gradient) == grad.size
    assert (gradient * x).sum() == (grad * y).sum()


def test_relu_has_derivative_zero_at_zero() -> None:
    """Neither 0.0 nor -0.0 passes a gradient."""
    layer = ReLU()
    layer.forward(np.array([[-1.0, -0.0, 0.0, 2.0]], np.float32), training=True)

    gradient = layer.backward(np.ones((1, 4), np.float32))

    assert_array_equal(gradient, [[0, 0, 0, 1]])


def test_flatten_handles_an_empty_batch() -> None:
    """A batch of no images is a batch."""
    assert Flatten().forward(np.zeros((0, 3, 2), np.float32)).shape == (0, 6)
