"""Layers, losses and weights file compared with PyTorch: outputs and all gradients."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from model_core.architectures import build
from model_core.layers import (
    Conv2d,
    Flatten,
    Identity,
    Layer,
    Linear,
    MaxPool2d,
    ReLU,
    Tanh,
)
from model_core.layers.conv_pool import ConvMaxPool2d
from model_core.losses import SoftmaxCrossEntropy, SquaredError, one_hot
from model_core.weights import load_weights, pretrained_dir
from tests.model_core.cases import DETERMINISTIC, Make

torch: Any = None


@pytest.fixture(scope="module", autouse=True)
def _torch() -> None:
    """Import PyTorch, which takes seconds, only in the process that runs these tests, or skip."""
    global torch
    torch = pytest.importorskip("torch", reason="needs torch: pip install '.[compare]'")


def twin(layer: Layer) -> Any:
    """Return the equivalent PyTorch layer with the same weights."""
    if isinstance(layer, Linear):
        other = torch.nn.Linear(*layer.weight.value.shape)
        return _with_weights(other, layer.weight.value.T, layer.bias.value)
    if isinstance(layer, Conv2d):
        outputs, inputs, kernel, _ = layer.weight.value.shape
        other = torch.nn.Conv2d(inputs, outputs, kernel, stride=layer.stride, padding=layer.padding)
        return _with_weights(other, layer.weight.value, layer.bias.value)
    if isinstance(layer, ConvMaxPool2d):
        return torch.nn.Sequential(twin(layer.conv), twin(layer.pool))
    if isinstance(layer, MaxPool2d):
        return torch.nn.MaxPool2d(layer.kernel_size)
    simple = {Flatten: torch.nn.Flatten, ReLU: torch.nn.ReLU, Tanh: torch.nn.Tanh}
    return torch.nn.Identity() if isinstance(layer, Identity) else simple[type(layer)]()


def _with_weights(other: Any, weight: Any, bias: Any) -> Any:
    with torch.no_grad():
        other.weight.copy_(torch.tensor(weight))
        other.bias.copy_(torch.tensor(bias))
    return other


@pytest.mark.parametrize("tied", [False, True], ids=["distinct", "tied"])
@pytest.mark.parametrize(("make", "shape"), DETERMINISTIC)
def test_layer_agrees_with_pytorch(
    make: Make, shape: tuple[int, ...], tied: bool, rng: np.random.Generator
) -> None:
    """Output, dloss/dinput and parameter gradients are PyTorch's, on tied inputs too.

    Ties are of small whole numbers: then both get them right to the last bit, in whatever order.
    """
    draw = rng.integers if tied else rng.normal
    layer = make(rng)
    for parameter in layer.parameters().values():
        parameter.value[...] = draw(-1, 2, parameter.value.shape)
    other = twin(layer)
    x = draw(-1, 2, shape).astype(np.float32)
    tensor = torch.tensor(x, requires_grad=True)

    y = layer.forward(x, training=True).copy()
    grad = rng.standard_normal(y.shape, np.float32)
    gradient = layer.backward(grad)
    expected = other(tensor)
    expected.backward(torch.tensor(grad))

    assert_allclose(y, expected.detach().numpy(), atol=1e-5)
    assert_allclose(gradient, tensor.grad.numpy(), atol=1e-5)
    for name, parameter in layer.parameters().items():
        ours = parameter.grad.T if isinstance(layer, Linear) else parameter.grad
        theirs = getattr(other[0] if isinstance(layer, ConvMaxPool2d) else other, name)
        assert_allclose(ours, theirs.grad.numpy(), atol=1e-4)


@pytest.mark.parametrize("scale", [1.0, 100.0, 1e30])
def test_cross_entropy_agrees_with_pytorch(scale: float, rng: np.random.Generator) -> None:
    """Mean loss and gradient are PyTorch's, for large logits too."""
    logits = rng.standard_normal((6, 5), np.float32) * np.float32(scale)
    labels = rng.integers(0, 5, 6)
    tensor = torch.tensor(logits, requires_grad=True)

    criterion, target = SoftmaxCrossEntropy(), one_hot(labels, 5)
    value, gradient = criterion.value(logits, target), criterion.gradient(logits, target)
    expected = torch.nn.functional.cross_entropy(tensor, torch.tensor(labels))
    expected.backward()

    assert_allclose(value, expected.item(), rtol=1e-5)
    assert_allclose(gradient, tensor.grad.numpy(), atol=1e-6)


def test_squared_error_agrees_with_pytorch(rng: np.random.Generator) -> None:
    """Mean loss and gradient are PyTorch's."""
    output, target = rng.standard_normal((2, 4, 3), np.float32)
    tensor = torch.tensor(output, requires_grad=True)

    criterion = SquaredError()
    value, gradient = criterion.value(output, target), criterion.gradient(output, target)
    expected = torch.nn.functional.mse_loss(tensor, torch.tensor(target))
    expected.backward()

    assert_allclose(value, expected.item(), rtol=1e-5)
    assert_allclose(gradient, tensor.grad.numpy(), atol=1e-6)


@pytest.mark.parametrize(
    "path", sorted(pretrained_dir().glob("*.safetensors")), ids=lambda p: p.stem
)
def test_the_weights_file_opens_in_pytorch(path: Path, rng: np.random.Generator) -> None:
    """A PyTorch network with the file's tensors has the same output."""
    from safetensors.torch import load_file

    ours = load_weights(path)
    card = ours.card
    strange = build(card.architecture, labels=card.labels, rng=rng, abstention=card.abstention)
    network = torch.nn.Sequential(*map(twin, strange.network.layers))
    tensors = {name.removeprefix("layers."): tensor for name, tensor in load_file(path).items()}
    images = rng.random((100, *card.input_shape), np.float32)

    network.load_state_dict({n: t.T if t.ndim == 2 else t for n, t in tensors.items()})
    with torch.no_grad():
        theirs = network(torch.tensor(images[:, None])).numpy()

    expected = ours.classifier.network.forward(images[:, None])
    assert_allclose(theirs, expected, rtol=1e-4, atol=1e-4)
