"""Printed digits."""

import numpy as np
from numpy.testing import assert_array_equal

from training.data.typefaces.printed_digits import printed_digits

LABELS = np.repeat(np.arange(10), 8)


def test_printed_digits_are_in_mnist_s_format(rng: np.random.Generator) -> None:
    """Each picture has ink, within 20x20."""
    images = printed_digits(LABELS, rng)

    assert images.shape == (80, 28, 28)
    assert images.dtype == np.uint8
    for image in images:
        rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
        assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20


def test_the_generator_decides() -> None:
    """The pictures depend on the generator only."""
    one, again, other = (printed_digits(LABELS, np.random.default_rng(s)) for s in (1, 1, 2))

    assert_array_equal(one, again)
    assert (one != other).any()
