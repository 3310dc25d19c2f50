"""Normalisation of pictures of any size, with a digit or without."""

import re
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from benchmarks.realworld import read_folder, score
from model_core.classifier import Classifier
from model_core.errors import ShapeError
from model_core.preprocessing import describe, normalise
from model_core.preprocessing.image_ops.types import Grey8
from model_core.preprocessing.steps import Change
from tests.model_core.preprocessing.reading import answer, is_two, paper, pictures
from tests.support.pictures import thin_two


@given(pictures)
def test_any_picture_becomes_28x28(pixels: Grey8) -> None:
    """Every size from 1x1 up gives 28x28 uint8 of grey levels."""
    result = normalise(pixels)

    assert result.pixels.shape == (28, 28)
    assert result.pixels.dtype == np.uint8


@pytest.mark.parametrize("shape", [(0, 5), (5,), (3, 4, 5)])
def test_what_is_no_picture_is_refused(shape: tuple[int, ...]) -> None:
    """No pixels, or another number of axes, is an error."""
    with pytest.raises(ShapeError, match=r"expected shape \(H, W\)"):
        normalise(np.zeros(shape, np.uint8))


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


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (2, 2), (20, 400), (3, 5000)])
def test_the_thinnest_pictures_come_out(shape: tuple[int, int]) -> None:
    """No shape is too small or too long, with ink or without."""
    noise = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)

    for picture in (noise, np.zeros(shape, np.uint8), np.full(shape, 255, np.uint8)):
        result = normalise(picture).pixels
        assert result.shape == (28, 28)
        assert result.dtype == np.uint8


@pytest.mark.parametrize("scale", [0, 1, 3, 6])
def test_empty_paper_is_black(scale: int) -> None:
    """Paper with a camera's noise has no ink."""
    noise = np.random.default_rng(0).normal(180, scale, (70, 90))

    result = normalise(np.clip(noise, 0, 255).astype(np.uint8))

    assert_array_equal(result.pixels, 0)
    assert result.steps[-1] == Change.FOUND_NO_INK


def test_a_small_digit_on_a_large_sheet_is_looked_at_closely(cnn: Classifier) -> None:
    """A digit of 60 pixels on 12 megapixels keeps its strokes; the steps name its size."""
    sheet = np.full((3000, 4000), 250, np.uint8)
    sheet[2000:2084, 500:584] = np.minimum(250, paper(84))

    assert is_two(answer(cnn, sheet))
    assert normalise(sheet).steps[0] == Change.INVERTED


@pytest.mark.parametrize(("side", "size"), [(1500, 1200), (2400, 700)])
def test_a_thin_stroke_on_a_large_canvas_stays(cnn: Classifier, side: int, size: int) -> None:
    """A pen of one pixel, whose share of a reduced pixel is next to nothing."""
    canvas = np.full((side, side), 255, np.uint8)
    canvas[50 : 50 + size, 70 : 70 + size] = np.asarray(thin_two(size))

    assert Change.KEPT_THIN_STROKES in normalise(canvas).steps
    assert is_two(answer(cnn, canvas))


# Every step there is.
STEP = re.compile(
    r"inverted|kept thin strokes|evened out the background|removed noise|removed ruled lines"
    r"|found no ink|evened out spots of light"
    r"|removed (1 line|[2-4] lines) at the border"
    r"|removed (1 stroke|\d+ strokes) beside the digit|removed (1 speck|\d+ specks)"
    r"|cropped to \d+x\d+|scaled from \d+x\d+ to \d+x\d+|thickened the strokes"
    r"|joined the pieces of thin strokes|cut off the stroke that leads to the next digit"
    r"|removed the small writing beside the digit"
    r"|removed the underline|removed \d+ underlines"
    r"|removed the circle or box around the digit|removed \d circles or boxes around the digit"
)


@settings(deadline=None)
@given(
    st.one_of(
        st.tuples(st.integers(1, 40), st.integers(1, 40)),
        st.tuples(st.integers(1, 400), st.integers(1, 20)),
        st.tuples(st.integers(1, 20), st.integers(1, 400)),
        st.tuples(st.integers(90, 800), st.integers(90, 800)),
    ),
    st.integers(0, 2**32),
    st.sampled_from([1, 2, 5, 20]),
    st.sampled_from([0, 20, 120]),
)
def test_whatever_comes_in_28x28_come_out(
    shape: tuple[int, int], seed: int, grain: int, contrast: int
) -> None:
    """Noise of any size, shape, grain and contrast, and its negative, with steps in plain words."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(127 - contrast, 128 + contrast, [-(-side // grain) for side in shape])
    picture = coarse.repeat(grain, 0).repeat(grain, 1)[: shape[0], : shape[1]].astype(np.uint8)

    result, negative = normalise(picture), normalise(255 - picture)

    assert result.pixels.shape == (28, 28)
    assert result.pixels.dtype == np.uint8
    assert_array_equal(negative.pixels, result.pixels)
    for step in result.steps:
        assert STEP.fullmatch(describe(step))


FLOORS = {
    "hwd1000": 0.998,
    "usps16_dark_on_light": 0.985,
    "sudoku_phone_hand": 0.975,
    "sudoku_phone_hand_gridlines": 0.85,
    "mnist_c_motion_blur": 0.99,
    "mnist_c_shear": 0.99,
    "mnist_c_fog": 0.96,
    "mnist_c_stripe": 0.90,
    "mnist_c_impulse_noise": 0.95,
}


@pytest.mark.parametrize("name", FLOORS)
def test_real_pictures_are_read(cnn: Classifier, realworld_dir: Path, name: str) -> None:
    """In each set of pictures as people send them, the promised share of the digits is right."""
    result = score(read_folder(realworld_dir / name), cnn)

    assert result.right / result.digits >= FLOORS[name]


def test_real_pictures_and_their_negatives_have_the_same_score(
    cnn: Classifier, realworld_dir: Path
) -> None:
    """Postal digits, dark on light and light on dark."""
    sets = ("usps16_light_on_dark", "usps16_dark_on_light")
    light, dark = (score(read_folder(realworld_dir / name), cnn) for name in sets)

    assert light == dark
