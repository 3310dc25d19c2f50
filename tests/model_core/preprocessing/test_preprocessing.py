"""From pixels of any size to the network's input."""

import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal
from numpy.typing import NDArray

from model_core.errors import ShapeError
from model_core.preprocessing import downsample, normalise, resize
from model_core.preprocessing.image_ops.area_resize import resample
from model_core.preprocessing.mnist_format import is_mnist_form
from training.data.mnist import Mnist

Pixels = NDArray[np.uint8]

pictures = st.tuples(st.integers(1, 60), st.integers(1, 60)).flatmap(
    lambda shape: arrays(np.uint8, shape)
)


def test_downsample_is_the_mean_rounded_down() -> None:
    """A square of 1, 2, 3, 5 has mean 2.75, which counts as 2 of 255."""
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 2:4, 4:6] = [[1, 2], [3, 5]]

    result = downsample(image)

    assert result.dtype == np.float32
    assert result[0, 1, 2] == np.float32(2) / np.float32(255)
    assert np.count_nonzero(result) == 1


def test_downsample_keeps_black_and_white() -> None:
    """0 stays 0 and 255 becomes 1; nothing wraps around."""
    image = np.full((2, 28, 28), 255, np.uint8)
    image[1] = 0

    assert_array_equal(downsample(image)[:, 0, 0], [1, 0])


def test_downsample_takes_28x28_alone() -> None:
    """Another size is an error."""
    with pytest.raises(ShapeError, match=r"expected shape \(any, 28, 28\)"):
        downsample(np.zeros((1, 14, 14), np.uint8))


def test_mnist_form_passes_unchanged() -> None:
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
        assert is_mnist_form(picture)

    negative = normalise(255 - mnist.test_images[0])

    assert_array_equal(negative.pixels, mnist.test_images[0])
    assert negative.steps == ("inverted",)


@given(pictures)
def test_any_picture_becomes_28x28(pixels: Pixels) -> None:
    """Every size from 1x1 up gives 28x28 uint8 of grey levels."""
    result = normalise(pixels)

    assert result.pixels.shape == (28, 28)
    assert result.pixels.dtype == np.uint8


@given(pictures)
def test_a_negative_gives_the_same_picture(pixels: Pixels) -> None:
    """Whatever the picture, its negative comes out alike, bit for bit."""
    assert_array_equal(normalise(pixels).pixels, normalise(255 - pixels).pixels)


def test_resize_leaves_polarity_alone() -> None:
    """A picture on white stays on white."""
    result = resize(np.full((56, 56), 250, np.uint8))

    assert_array_equal(result.pixels, np.full((28, 28), 250))
    assert result.steps == ("scaled from 56x56 to 28x28",)


@pytest.mark.parametrize("shape", [(0, 5), (5,), (3, 4, 5)])
def test_what_is_no_picture_is_refused(shape: tuple[int, ...]) -> None:
    """No pixels, or another number of axes, is an error."""
    with pytest.raises(ShapeError, match=r"expected shape \(H, W\)"):
        normalise(np.zeros(shape, np.uint8))


def test_resampling_by_a_whole_number_is_the_mean(rng: np.random.Generator) -> None:
    """Shrinking 3x gives the mean of 3x3 squares."""
    pixels = rng.integers(0, 256, (30, 45)).astype(np.uint8)

    expected = pixels.reshape(10, 3, 15, 3).mean(axis=(1, 3))

    assert_array_equal(resample(pixels, (10, 15)), np.rint(expected))


@given(pictures, st.integers(1, 40), st.integers(1, 40))
def test_resampling_stays_within_the_old_range(pixels: Pixels, height: int, width: int) -> None:
    """No new pixel is darker or lighter than every old one."""
    result = resample(pixels, (height, width))

    assert result.shape == (height, width)
    assert pixels.min() <= result.min()
    assert result.max() <= pixels.max()


def dense(pixels: Pixels, shape: tuple[int, int]) -> NDArray[np.float64]:
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
def test_resampling_is_the_mean_of_the_area_covered(
    pixels: Pixels, height: int, width: int
) -> None:
    """The dense formula, rounded to the nearest grey level, shrinking and enlarging."""
    result = resample(pixels, (height, width))

    assert np.abs(result - dense(pixels, (height, width))).max() <= 0.5 + 1e-9


@pytest.mark.parametrize("shape", [(300, 400), (400, 300), (301, 999), (70_001, 1), (1, 70_001)])
def test_large_pictures_are_resampled_as_small_ones_are(
    rng: np.random.Generator, shape: tuple[int, int]
) -> None:
    """Piece by piece comes out what all at once would."""
    pixels = rng.integers(0, 256, shape).astype(np.uint8)

    result = resample(pixels, (21, 28))

    assert np.abs(result - dense(pixels, (21, 28))).max() <= 0.5 + 1e-9


@pytest.mark.parametrize("shape", [(1, 25_000_000), (25_000_000, 1), (5000, 5000)])
def test_no_shape_costs_much_more_than_its_pixels(shape: tuple[int, int]) -> None:
    """A line of 25 million pixels: a few bytes of memory per pixel, and a few seconds at most."""
    pixels = np.zeros(shape, np.uint8)

    started = time.perf_counter()
    tracemalloc.start()
    result = normalise(pixels)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 4 * pixels.size
    assert time.perf_counter() - started < 5
    assert not result.pixels.any()
