"""Augmentation: the size of each distortion, and repeatability."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from training.data.augmentation import Augmentation, augment
from training.data.dataset import MnistImages


def blob(n: int = 40) -> Any:
    """Return pictures of a bar beside the centre, grey at its ends."""
    images = np.zeros((n, 28, 28), np.uint8)
    images[:, 8:20, 12:16] = 200
    images[:, 7, 12:16] = images[:, 20, 12:16] = 90
    return images


def middle(images: Any) -> Any:
    """Return the centre of mass of each image, row and column."""
    mass = images.sum(axis=(1, 2), dtype=float)
    rows = (images.sum(axis=2) * np.arange(28)).sum(axis=1) / mass
    columns = (images.sum(axis=1) * np.arange(28)).sum(axis=1) / mass
    return np.stack([rows, columns], axis=1)


def spread(images: Any) -> Any:
    """Return the height of each image's ink, as standard deviation of its rows."""
    mass = images.sum(axis=(1, 2), dtype=float)
    offset = (np.arange(28) - middle(images)[:, :1]) ** 2
    return np.sqrt((images.sum(axis=2) * offset).sum(axis=1) / mass)


def test_nothing_is_changed_without_augmentation(rng: np.random.Generator) -> None:
    """Magnitudes of 0 leave every pixel unchanged."""
    images = rng.integers(0, 256, (5, 28, 28), np.uint8)

    assert not Augmentation()
    assert_array_equal(augment(images, Augmentation(), rng), images)


@pytest.mark.parametrize("field", ["rotation", "scale", "shear", "shift", "stroke", "elastic"])
def test_each_part_changes_every_image_its_own_way(field: str, rng: np.random.Generator) -> None:
    """Equal images differ after each distortion; the input is not changed."""
    images, amount = blob(), 15.0 if field == "rotation" else 0.5
    kept = images.copy()

    changed = augment(images, Augmentation(**{field: amount}), rng)

    assert changed.dtype == np.uint8
    assert_array_equal(images, kept)
    assert len(np.unique(changed.reshape(len(changed), -1), axis=0)) > len(changed) // 2


def test_the_same_generator_gives_the_same_images() -> None:
    """The result depends on the generator only."""
    how = Augmentation(rotation=10, shift=2, stroke=0.5, elastic=1)

    one, two = (augment(blob(), how, np.random.default_rng(3)) for _ in range(2))

    assert_array_equal(one, two)


def test_a_shift_moves_the_middle(rng: np.random.Generator) -> None:
    """Shifts reach the given maximum in both directions, and not more."""
    moved = middle(augment(blob(300), Augmentation(shift=3), rng)) - middle(blob(1))

    assert np.abs(moved).max() <= 3.05
    assert moved.min() < -2.5
    assert moved.max() > 2.5


def test_a_scale_changes_the_size(rng: np.random.Generator) -> None:
    """Scale factors lie between exp(-share) and exp(share), symmetrically."""
    factors = spread(augment(blob(300), Augmentation(scale=0.2), rng)) / spread(blob(1))

    assert factors.max() < np.exp(0.2) * 1.03
    assert factors.min() > np.exp(-0.2) / 1.03
    assert 0.4 < np.mean(factors > 1) < 0.6


def test_a_stroke_gets_thicker_and_thinner(rng: np.random.Generator) -> None:
    """Some images gain ink and some lose ink; empty pictures stay empty."""
    ink = augment(blob(100), Augmentation(stroke=0.8), rng).sum(axis=(1, 2), dtype=float)

    assert ink.min() < 0.8 * blob(1).sum() < 1.2 * blob(1).sum() < ink.max()
    assert not augment(np.zeros_like(blob()), Augmentation(stroke=0.8), rng).any()


def test_a_rotation_turns_about_the_middle(rng: np.random.Generator) -> None:
    """A rotationally symmetric picture changes very little."""
    rows, columns = np.mgrid[:28, :28] - 13.5
    disc = np.clip(60 * (9 - np.hypot(rows, columns)), 0, 255).astype(np.uint8)
    images = np.repeat(disc[None], 20, axis=0)

    turned = augment(images, Augmentation(rotation=45), rng)

    assert_allclose(turned.astype(float), images, atol=30)


def test_a_selection_is_augmented_anew_each_time(rng: np.random.Generator) -> None:
    """Taken twice, the same images differ; their order is as requested."""
    selection = MnistImages(blob(4), np.arange(4), Augmentation(rotation=20, shift=2))

    one, two = (selection.take(np.array([2, 0]), rng) for _ in range(2))

    assert one.images.shape == (2, 14, 14)
    assert_array_equal(one.classes, [2, 0])
    assert not np.array_equal(one.images, two.images)
    assert_allclose(selection.downsampled().images[0], selection.downsampled().images[3])
