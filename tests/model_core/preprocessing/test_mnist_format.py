"""Pictures in MNIST's format pass through."""

import numpy as np
from numpy.testing import assert_array_equal

from model_core.preprocessing import normalise, normalise_together
from model_core.preprocessing.mnist_format import are_mnist_format, is_mnist_format
from model_core.preprocessing.steps import Change
from training.data.mnist import Mnist


def test_mnist_format_passes_unchanged() -> None:
    """28x28 with white ink in the middle 20x20 comes out bit for bit, with no step taken."""
    picture = np.zeros((28, 28), np.uint8)
    picture[4:24, 12:16] = 200
    picture[10, 13] = 255

    result = normalise(picture)

    assert_array_equal(result.pixels, picture)
    assert result.steps == ()


def test_all_of_mnist_passes_unchanged(mnist: Mnist) -> None:
    """Every one of the 70,000 has MNIST's form; its negative only is inverted."""
    for pictures in (mnist.train_images, mnist.test_images):
        assert are_mnist_format(pictures).all()
        assert all(map(is_mnist_format, pictures))

    negative = normalise(255 - mnist.test_images[0])

    assert_array_equal(negative.pixels, mnist.test_images[0])
    assert negative.steps == (Change.INVERTED,)


def test_all_pictures_at_once_get_the_answers_of_each(mnist: Mnist) -> None:
    """Changed pictures of MNIST, of which each rule refuses some, and random ones, get the same."""
    rng = np.random.default_rng(0)
    some = mnist.test_images[:500]
    shifts = rng.integers(-3, 4, (len(some), 2))
    hard = (some > 127).astype(np.uint8) * 255
    pictures = np.concatenate(
        [
            [np.roll(one, shift, (0, 1)) for one, shift in zip(some, shifts, strict=True)],
            (some * rng.uniform(0.95, 1, (len(some), 1, 1))).astype(np.uint8),
            np.maximum(some, np.where(rng.random(some.shape) < 0.002, some.max(), 0)),
            hard,
            hard & ~np.roll(hard, 1, 1) & ~np.roll(hard, 1, 2),
            255 - some,
            rng.integers(0, 256, some.shape),
            np.zeros((1, 28, 28)),
        ]
    ).astype(np.uint8)

    answers = are_mnist_format(pictures)

    assert_array_equal(answers, [is_mnist_format(one) for one in pictures])
    for one, picture in zip(normalise_together(pictures), pictures, strict=True):
        fits = is_mnist_format(picture) or is_mnist_format(255 - picture)
        assert (one is not None) == fits
        if one is not None:
            assert_array_equal(one.pixels, normalise(picture).pixels)
            assert one.steps == normalise(picture).steps
    mixed = np.split(answers, range(len(some), len(pictures), len(some)))[:4]
    assert all(part.any() and not part.all() for part in mixed)
