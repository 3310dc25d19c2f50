"""ONNX export, compared with our probabilities in onnxruntime."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.testing import assert_allclose

from model_core import layers
from model_core.abstention import Abstention
from model_core.architectures import ARCHITECTURES, INPUT_SHAPE
from model_core.classifier import Classifier
from model_core.layers import (
    Conv2d,
    Dropout,
    Flatten,
    Identity,
    Layer,
    Linear,
    MaxPool2d,
    ReLU,
    Tanh,
)
from model_core.network import Sequential
from model_core.parameter import Array
from model_core.preprocessing import downsample
from model_core.weights import load_weights, pretrained_dir
from tests.support.models import SHIPPED, pretrained, untrained
from training.data.mnist import Mnist
from training.errors import ExportError
from training.onnx_export import OPERATORS, to_onnx


def answers(model: onnx.ModelProto, images: Array, output: str = "probabilities") -> Array:
    """Return an output of onnxruntime on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    content = model.SerializeToString()
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    (probabilities,) = session.run([output], {"images": images})
    assert isinstance(probabilities, np.ndarray)
    assert probabilities.dtype == np.float32
    return probabilities


def strokes(rng: np.random.Generator, count: int) -> Array:
    """Return images like MNIST's: mostly 0, with a few bright strokes."""
    images = np.zeros((count, *INPUT_SHAPE), np.float32)
    for image in images:
        row, column = rng.integers(2, 10, 2)
        image[row : row + 2, 2:12] = rng.random((2, 10))
        image[2:12, column : column + 2] = 1
    return images


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("count", [1, 300])
def test_the_shipped_models_answer_alike(name: str, count: int, rng: np.random.Generator) -> None:
    """The probabilities differ by at most 1e-5, for one image and for many."""
    model = load_weights(pretrained_dir() / f"{name}.safetensors")
    exported = to_onnx(model)

    for images in (rng.random((count, *INPUT_SHAPE), np.float32), strokes(rng, count)):
        expected = model.classifier.probabilities(images)
        assert_allclose(answers(exported, images), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_reject_class_is_exported(name: str, rng: np.random.Generator) -> None:
    """The reject class is an output, and the thresholds are metadata."""
    model = load_weights(pretrained_dir() / f"{name}.safetensors")
    images = strokes(rng, 50)

    exported = to_onnx(model)

    expected = model.classifier.reject_probability(images)
    assert_allclose(answers(exported, images, "none_of_them")[:, 0], expected, rtol=0, atol=1e-5)
    metadata = {entry.key: entry.value for entry in exported.metadata_props}
    assert Abstention(**json.loads(metadata["abstention"])) == model.card.abstention


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_models_answer_alike_on_mnist(name: str, mnist: Mnist) -> None:
    """On real test images, other digits included, probabilities differ by at most 1e-5."""
    model = load_weights(pretrained_dir() / f"{name}.safetensors")
    images = downsample(mnist.test_images[:500])

    expected = model.classifier.probabilities(images)

    assert_allclose(answers(to_onnx(model), images), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("labels", [(0, 1, 2, 3, 4), tuple(range(10)), (7, 3)])
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_is_a_sound_model(
    name: str, labels: tuple[int, ...], rng: np.random.Generator
) -> None:
    """onnx.checker passes with shape inference, and the probabilities agree for any labels."""
    ours = untrained(name, labels)
    images = strokes(rng, 5)

    model = to_onnx(ours)

    onnx.checker.check_model(model, full_check=True)
    expected = ours.classifier.probabilities(images)
    assert_allclose(answers(model, images), expected, rtol=0, atol=1e-5)


def flat(layer: Layer, features: int, rng: np.random.Generator) -> Sequential:
    """Return a network with a layer before Flatten."""
    return Sequential(layer, Flatten(), Linear(features, 3, rng=rng))


# Networks that contain each layer type, with each of its options.
NETWORKS = [
    pytest.param(lambda rng: flat(Conv2d(1, 2, 3, rng=rng), 288, rng), id="conv"),
    pytest.param(lambda rng: flat(Conv2d(1, 2, 3, stride=2, rng=rng), 72, rng), id="stride"),
    pytest.param(lambda rng: flat(Conv2d(1, 2, 5, padding=2, rng=rng), 392, rng), id="padding"),
    pytest.param(
        lambda rng: flat(Conv2d(1, 2, 4, stride=3, padding=1, rng=rng), 50, rng), id="both"
    ),
    pytest.param(
        lambda rng: Sequential(
            Conv2d(1, 3, 3, rng=rng), ReLU(), *flat(Conv2d(3, 2, 2, rng=rng), 242, rng).layers
        ),
        id="channels",
    ),
    pytest.param(lambda rng: flat(MaxPool2d(2), 49, rng), id="pool"),
    pytest.param(lambda rng: flat(MaxPool2d(3), 16, rng), id="pool-left-over"),
    pytest.param(lambda rng: flat(ReLU(), 196, rng), id="relu"),
    pytest.param(lambda rng: flat(Tanh(), 196, rng), id="tanh"),
    pytest.param(lambda rng: flat(Identity(), 196, rng), id="identity"),
    pytest.param(lambda rng: flat(Dropout(0.9), 196, rng), id="dropout"),
    pytest.param(
        lambda rng: Sequential(Flatten(), Linear(196, 3, rng=rng), Dropout(0.5)),
        id="last-is-dropout",
    ),
    pytest.param(
        lambda rng: Sequential(Flatten(), Linear(196, 4, rng=rng), Tanh()), id="last-is-tanh"
    ),
]


@pytest.mark.parametrize("count", [1, 33])
@pytest.mark.parametrize("make", NETWORKS)
def test_every_layer_answers_alike(
    make: Callable[[np.random.Generator], Sequential], count: int, rng: np.random.Generator
) -> None:
    """Each layer type with each of its options gives the same probabilities."""
    network = make(rng)
    for _, parameter in network.named_parameters():
        parameter.value[...] = rng.standard_normal(parameter.value.shape) / 3
    images = rng.standard_normal((count, *INPUT_SHAPE)).astype(np.float32)
    classifier = Classifier(network, labels=(0, 1, 2), input_shape=INPUT_SHAPE)

    model = to_onnx(pretrained(classifier))

    onnx.checker.check_model(model)
    expected = classifier.probabilities(images)
    assert_allclose(answers(model, images), expected, rtol=0, atol=1e-5)


def test_every_layer_has_its_operator() -> None:
    """Every layer type has an ONNX operator."""
    kinds = {getattr(layers, name) for name in layers.__all__} - {Layer}

    assert set(OPERATORS) == kinds


def test_every_operator_has_a_case(rng: np.random.Generator) -> None:
    """Each layer type is in a network whose export is compared."""
    makes: list[Any] = [case.values[0] for case in NETWORKS]
    covered = {type(layer) for make in makes for layer in make(rng).layers}

    assert covered == set(OPERATORS)


def test_the_metadata_names_labels_preprocessing_and_file() -> None:
    """The metadata has labels, preprocessing version and digest of the weights file."""
    ours = untrained(labels=(7, 3), preprocessing="9")

    metadata = {entry.key: entry.value for entry in to_onnx(ours).metadata_props}

    assert json.loads(metadata["labels"]) == [7, 3]
    assert metadata["preprocessing"] == "9"
    assert metadata["sha256"] == ours.sha256


def test_an_unknown_layer_is_named() -> None:
    """The error names position and type of a layer without an operator."""

    class Swish(Identity):
        def __repr__(self) -> str:
            return "Swish()"

    classifier = Classifier(Sequential(Flatten(), Swish()), labels=(0,), input_shape=(1, 1))

    with pytest.raises(ExportError, match=r"layer 1: expected one of Conv2d, .*, got Swish\(\)$"):
        to_onnx(pretrained(classifier))
