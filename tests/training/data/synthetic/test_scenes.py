"""Scenes without a digit."""

import numpy as np

from training.data.synthetic.scenes import coloured_noise, noise, scene


def test_noise_is_stronger_in_low_frequencies(rng: np.random.Generator) -> None:
    """Neighbours are more alike than pixels far apart."""
    near, far = [], []
    for _ in range(20):
        cloud = noise(rng)
        assert cloud.min() == 0
        assert cloud.max() == 1
        near.append(np.abs(np.diff(cloud, axis=0)).mean())
        far.append(np.abs(cloud[20:] - cloud[:-20]).mean())

    assert np.mean(near) < 0.7 * np.mean(far)


def test_scenes_are_normalised(rng: np.random.Generator) -> None:
    """Scenes are in MNIST's format, and most of them have ink."""
    scenes = np.stack([scene(rng) for _ in range(40)])

    assert scenes.shape == (40, 28, 28)
    assert scenes.dtype == np.uint8
    assert scenes.any(axis=(1, 2)).sum() >= 30


def test_patches_of_noise_are_neither_empty_nor_full(rng: np.random.Generator) -> None:
    """Thresholded noise has ink and paper."""
    for _ in range(20):
        patches = coloured_noise(rng)
        assert patches.max() > 0.3
        assert patches.min() == 0
