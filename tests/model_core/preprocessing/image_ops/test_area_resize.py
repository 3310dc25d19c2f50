"""Resizing by area."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from skimage.transform import resize_local_mean

from model_core.preprocessing.image_ops.area_resize import area_resize, area_resize_small
from model_core.preprocessing.image_ops.types import Grey8
from tests.model_core.preprocessing.reading import pictures


def test_area_resize_by_a_whole_number_is_the_mean(rng: np.random.Generator) -> None:
    """Shrinking 3x gives the mean of 3x3 squares."""
    pixels = rng.integers(0, 256, (30, 45)).astype(np.uint8)

    expected = pixels.reshape(10, 3, 15, 3).mean(axis=(1, 3))

    assert_array_equal(area_resize(pixels, (10, 15)), np.rint(expected))


@given(pictures, st.integers(1, 40), st.integers(1, 40))
def test_area_resize_stays_within_the_old_range(pixels: Grey8, height: int, width: int) -> None:
    """No new pixel is darker or lighter than every old one."""
    result = area_resize(pixels, (height, width))

    assert result.shape == (height, width)
    assert pixels.min() <= result.min()
    assert result.max() <= pixels.max()


def dense(pixels: Grey8, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Return what resampling means: a matrix for each axis, with every overlap written out."""

    def coverage(length: int, new_length: int) -> NDArray[np.float64]:
        scale = length / new_length
        starts = np.arange(new_length)[:, None] * scale
        old = np.arange(length)
        overlap = np.minimum(starts + scale, old + 1) - np.maximum(starts, old)
        shares: NDArray[np.float64] = np.maximum(overlap, 0) / scale
        return shares

    rows, columns = (coverage(*sides) for sides in zip(pixels.shape, shape, strict=True))
    result: NDArray[np.float64] = rows @ pixels @ columns.T
    return result


@given(pictures, st.integers(1, 40), st.integers(1, 40))
def test_area_resize_is_the_mean_of_the_area_covered(
    pixels: Grey8, height: int, width: int
) -> None:
    """The dense formula, rounded to the nearest grey level, shrinking and enlarging."""
    result = area_resize(pixels, (height, width))

    assert np.abs(result - dense(pixels, (height, width))).max() <= 0.5 + 1e-9


@pytest.mark.parametrize("shape", [(300, 400), (400, 300), (301, 999), (70_001, 1), (1, 70_001)])
def test_large_pictures_are_resampled_as_small_ones_are(
    rng: np.random.Generator, shape: tuple[int, int]
) -> None:
    """Piece by piece comes out what all at once would."""
    pixels = rng.integers(0, 256, shape).astype(np.uint8)

    result = area_resize(pixels, (21, 28))

    assert np.abs(result - dense(pixels, (21, 28))).max() <= 0.5 + 1e-9


@given(pictures, st.integers(1, 40), st.integers(1, 40))
def test_area_resize_is_scikit_images_local_mean(pixels: Grey8, height: int, width: int) -> None:
    """Rounded to whole levels, and in floating point for small pictures."""
    expected = resize_local_mean(
        pixels.astype(np.float64), (height, width), grid_mode=True, preserve_range=True
    )

    whole = area_resize(pixels, (height, width))
    small = area_resize_small(pixels.astype(np.float32), (height, width))

    assert np.abs(whole - expected).max() <= 0.5 + 1e-9
    assert_allclose(small, expected, atol=1e-3)
