"""Pictures in MNIST's format pass through."""

import numpy as np
from numpy.testing import assert_array_equal

from model_core.preprocessing import normalise
from model_core.preprocessing.mnist_format import is_mnist_format
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
    for picture in (*mnist.train_images, *mnist.test_images):
        assert is_mnist_format(picture)

    negative = normalise(255 - mnist.test_images[0])

    assert_array_equal(negative.pixels, mnist.test_images[0])
    assert negative.steps == (Change.INVERTED,)
