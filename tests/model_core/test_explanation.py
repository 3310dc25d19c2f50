"""Occlusion sensitivity of single pixels."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from model_core.classifier import Classifier
from model_core.errors import ShapeError
from model_core.explanation import explain
from model_core.layers import Flatten, Linear
from model_core.network import Sequential
from model_core.preprocessing import downsample
from model_core.weights import load_weights, pretrained_dir
from tests.support.models import SHIPPED
from training.data.mnist import Mnist


def linear_classifier(weight: list[list[float]], shape: tuple[int, int]) -> Classifier:
    """Return a classifier of two digits whose logits are a weighted sum of the pixels."""
    linear = Linear(shape[0] * shape[1], 2, rng=np.random.default_rng(0))
    network = Sequential(Flatten(), linear)
    linear.weight.value[:] = weight
    linear.bias.value[:] = 0
    return Classifier(network, labels=(0, 1), input_shape=shape)


def test_of_a_linear_model_it_is_weight_times_pixel() -> None:
    """With two digits the log-odds are linear in the pixels: each one's effect is known."""
    weight = np.array([[3, 0], [0, 1], [-2, 0], [0, 5], [1, 1], [0, 0]], np.float32)
    image = np.array([[1, 0.5, 0.25], [0, 1, 1]], np.float32)

    relevance = explain(linear_classifier(weight.tolist(), (2, 3)), image)

    expected = (weight[:, 0] - weight[:, 1]).reshape(2, 3) * image
    assert_allclose(relevance, expected, atol=1e-5)
    assert relevance.dtype == np.float32


def test_a_certain_answer_has_an_explanation() -> None:
    """If a probability rounds to 1, the log-odds are still finite and decrease."""
    classifier = linear_classifier([[60, 0], [0, 0]], (1, 2))

    assert_allclose(explain(classifier, np.ones((1, 2), np.float32)), [[60, 0]])


@pytest.mark.parametrize("name", SHIPPED)
def test_black_pixels_have_no_effect(name: str, rng: np.random.Generator) -> None:
    """The map is exactly 0 at black pixels."""
    image = np.maximum(rng.uniform(-1, 1, (14, 14)), 0).astype(np.float32)

    relevance = explain(load_weights(pretrained_dir() / f"{name}.safetensors").classifier, image)

    assert not relevance[image == 0].any()
    assert relevance[image > 0].any()


def test_another_shape_is_refused() -> None:
    """An image of another shape is an error that names both shapes."""
    classifier = linear_classifier([[1, 0], [0, 1]], (1, 2))

    with pytest.raises(ShapeError, match=r"expected shape \(1, 2\), got \(2, 1\)"):
        explain(classifier, np.ones((2, 1), np.float32))


@pytest.mark.parametrize("name", SHIPPED)
def test_the_pixels_it_names_matter_more_than_others(
    name: str, mnist: Mnist, rng: np.random.Generator
) -> None:
    """Occluding the five highest pixels lowers the log-odds twice as much as five others."""
    classifier = load_weights(pretrained_dir() / f"{name}.safetensors").classifier
    images = downsample(mnist.test_images[mnist.test_labels < 5][:30])
    named, others = images.copy(), images.copy()
    for number, image in enumerate(images):
        order = np.argsort(explain(classifier, image), axis=None)
        named[number].flat[order[-5:]] = 0
        others[number].flat[rng.choice(np.flatnonzero(image), 5, replace=False)] = 0

    rows, digits = np.arange(len(images)), classifier.probabilities(images).argmax(axis=1)
    left_without_named = classifier.probabilities(named)[rows, digits].mean()
    left_without_others = classifier.probabilities(others)[rows, digits].mean()
    assert 1 - left_without_named > 2 * (1 - left_without_others)
