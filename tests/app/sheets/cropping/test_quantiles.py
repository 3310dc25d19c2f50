"""Quantiles of pixels by the nearest rank."""

import numpy as np

from app.sheets.cropping.quantiles import quantiles


def test_quantiles_are_pixels_of_the_picture() -> None:
    """Of any shape, and in the order of the shares."""
    pixels = np.random.default_rng(0).permutation(101).astype(np.uint8)

    assert quantiles(pixels, (0.9, 0.0, 0.5, 1.0)) == [90, 0, 50, 100]
    assert quantiles(pixels[:100].reshape(10, 10)[:1, :1], (0.3,)) == [float(pixels[0])]
