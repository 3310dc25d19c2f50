"""Test-time augmentation: uncertain images are classified from five views."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from model_core.abstention import Abstention
from model_core.architectures import build
from model_core.classifier import Classifier
from model_core.losses import softmax
from model_core.parameter import Array
from model_core.test_time_augmentation import DIRECTIONS, SHIFT, shifted_views


def bar() -> Array:
    """Return one picture (1, 14, 14) of an upright bar."""
    image = np.zeros((1, 14, 14), np.float32)
    image[0, 1:13, 6:8] = 1
    return image


def test_views_are_shifted_by_half_a_pixel() -> None:
    """The centre of mass moves by SHIFT in each direction; no ink is lost, and the edges soften."""
    down, across = np.mgrid[:14, :14]
    image = bar()[0]
    moves = []
    for (view,) in shifted_views(image[None]):
        change = (view - image) / image.sum()
        moves.append(((change * down).sum(), (change * across).sum()))
        assert view.sum() == pytest.approx(image.sum())

    assert_allclose(moves, SHIFT * np.array(DIRECTIONS), atol=1e-5)


def test_a_shifted_pixel_is_the_mean_of_two(rng: np.random.Generator) -> None:
    """A view is the mean of the image and the image moved by a pixel, black beyond the edge."""
    images = rng.random((3, 14, 14), np.float32)
    moved = np.zeros_like(images)
    moved[:, 1:] = images[:, :-1]

    views = shifted_views(images)

    assert views.dtype == np.float32
    assert views.shape == (4, 3, 14, 14)
    assert_allclose(views[DIRECTIONS.index((1, 0))], (images + moved) / 2, atol=1e-6)


@pytest.fixture
def classifier(rng: np.random.Generator) -> Classifier:
    """Return an untrained classifier, which is uncertain about every image."""
    return build("dnn", labels=(0, 1, 2), rng=rng, abstention=Abstention(not_a_digit=0.5))


def test_an_uncertain_image_has_the_mean_of_five_views(classifier: Classifier) -> None:
    """An uncertain image has the mean logits of its five views."""
    images = bar()
    forward = classifier.network.forward
    first, *again = [forward(view[:, None]) for view in (images, *shifted_views(images))]
    mean = np.mean([first, *again], axis=0)

    (answer,) = classifier.predict(images)

    assert_allclose(classifier.logits(images), mean, rtol=1e-5)
    assert_allclose(classifier.reject_probability(images), softmax(mean)[:, -1], rtol=1e-5)
    assert_allclose(answer.probabilities, softmax(mean[:, :3])[0], rtol=1e-5)
    assert np.abs(mean - first).max() > 1e-4


@pytest.mark.parametrize("logit", [-20.0, 20.0])
def test_a_certain_image_is_not_augmented(
    classifier: Classifier, logit: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A certain image keeps its own logits beside an uncertain one, whose views share a pass."""
    asked: list[int] = []

    def forward(images: Array) -> Array:
        asked.append(len(images))
        result = np.zeros((len(images), 4), np.float32)
        result[images.max(axis=(1, 2, 3)) == 1, -1] = logit
        return result

    monkeypatch.setattr(classifier.network, "forward", forward)
    images = np.concatenate([bar(), bar() / 2])

    none = classifier.reject_probability(images)

    assert asked == [2, 4]
    assert_allclose(none, [1 / (1 + 3 * np.exp(-logit)), 0.25])
