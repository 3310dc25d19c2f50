"""Test-time augmentation: uncertain images are classified from three views."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from model_core.abstention import Abstention
from model_core.architectures import build
from model_core.classifier import Classifier
from model_core.losses import softmax
from model_core.parameter import Array
from model_core.test_time_augmentation import DEGREES, rotated_views


def bar() -> Array:
    """Return one picture (1, 14, 14) of an upright bar."""
    image = np.zeros((1, 14, 14), np.float32)
    image[0, 1:13, 6:8] = 1
    return image


def test_views_are_rotated_to_both_sides() -> None:
    """The views are rotated by DEGREES to both sides, measured by moments; no ink is lost."""
    down, across = np.mgrid[:14, :14] - 6.5
    angles = []
    for (image,) in rotated_views(bar()):
        tall, wide = (image * down**2).sum(), (image * across**2).sum()
        both = (image * down * across).sum()
        angles.append(float(np.degrees(np.arctan2(2 * both, tall - wide) / 2)))
        assert image.sum() == pytest.approx(bar().sum(), rel=0.02)

    assert sorted(angles) == pytest.approx([-DEGREES, DEGREES], abs=0.3)


def test_the_two_views_mirror_each_other(rng: np.random.Generator) -> None:
    """Rotating a mirrored image to one side mirrors the rotation to the other."""
    images = rng.random((3, 14, 14), np.float32)

    one, other = rotated_views(images)
    mirrored, _ = rotated_views(images[:, :, ::-1])

    assert one.dtype == np.float32
    assert_allclose(mirrored[:, :, ::-1], other, atol=1e-6)
    assert np.abs(one - other).max() > 0.1


@pytest.fixture
def classifier(rng: np.random.Generator) -> Classifier:
    """Return an untrained classifier, which is uncertain about every image."""
    return build("dnn", labels=(0, 1, 2), rng=rng, abstention=Abstention(not_a_digit=0.5))


def test_an_uncertain_image_has_the_mean_of_three_views(classifier: Classifier) -> None:
    """An uncertain image has the mean logits of its three views."""
    images = bar()
    forward = classifier.network.forward
    first, *again = [forward(view[:, None]) for view in (images, *rotated_views(images))]
    mean = np.mean([first, *again], axis=0)

    (answer,) = classifier.predict(images)

    assert_allclose(classifier.logits(images), mean)
    assert_allclose(classifier.reject_probability(images), softmax(mean)[:, -1])
    assert_allclose(answer.probabilities, softmax(mean[:, :3])[0], rtol=1e-6)
    assert np.abs(mean - first).max() > 1e-4


@pytest.mark.parametrize("logit", [-20.0, 20.0])
def test_a_certain_image_is_not_augmented(
    classifier: Classifier, logit: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A certain image keeps its own logits, even beside an uncertain one."""
    asked: list[int] = []

    def forward(images: Array) -> Array:
        asked.append(len(images))
        result = np.zeros((len(images), 4), np.float32)
        result[images.max(axis=(1, 2, 3)) == 1, -1] = logit
        return result

    monkeypatch.setattr(classifier.network, "forward", forward)
    images = np.concatenate([bar(), bar() / 2])

    none = classifier.reject_probability(images)

    assert asked == [2, 1, 1]
    assert_allclose(none, [1 / (1 + 3 * np.exp(-logit)), 0.25])
