"""What people do to a picture of a digit does not change the answer."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from app.images.decoder import open_image
from app.images.greyscale import to_grey
from benchmarks.realworld import measure
from benchmarks.scenes import Scene, cell, table
from model_core.classifier import Classifier, Prediction
from model_core.preprocessing import downsample, normalise
from model_core.weights import load_weights, pretrained_dir
from tests.support.pictures import encode, thin_two, two

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def cnn() -> Classifier:
    """Return the shipped cnn."""
    return load_weights(pretrained_dir() / "cnn.safetensors").classifier


def answer(cnn: Classifier, pixels: Pixels) -> Prediction:
    """Return the answer for a grey picture."""
    return cnn.predict(downsample(normalise(pixels).pixels[None]))[0]


def paper(size: int = 112) -> Pixels:
    """Return a two, dark on light, in the middle of the picture."""
    return 255 - np.asarray(two(size))


def is_two(prediction: Prediction) -> bool:
    """Tell whether the answer is a two, without doubt."""
    return (prediction.digit, prediction.decision) == (2, "accept") and prediction.confidence > 0.9


@settings(deadline=None)
@given(st.integers(14, 224), st.booleans())
def test_size_and_polarity_do_not_matter(cnn: Classifier, size: int, inverted: bool) -> None:
    """From half of MNIST's size to eight times, dark on light or light on dark."""
    picture = paper(size)

    assert is_two(answer(cnn, 255 - picture if inverted else picture))


@settings(deadline=None)
@given(st.tuples(*[st.integers(0, 300)] * 4))
def test_place_and_margins_do_not_matter(
    cnn: Classifier, margins: tuple[int, int, int, int]
) -> None:
    """The digit may lie anywhere on a larger sheet."""
    top, bottom, left, right = margins

    assert is_two(answer(cnn, np.pad(paper(), ((top, bottom), (left, right)), constant_values=255)))


@settings(deadline=None)
@given(st.integers(-100, 100), st.integers(-100, 100), st.integers(0, 2**32))
def test_uneven_light_does_not_matter(cnn: Classifier, down: int, across: int, seed: int) -> None:
    """Light that falls off towards a side, and a camera's noise."""
    height, width = (112, 112)
    light = (
        140
        + np.linspace(-down, down, height)[:, None] / 2
        + np.linspace(-across, across, width) / 2
    )
    noise = np.random.default_rng(seed).normal(0, 2, (height, width))
    picture = light * (0.3 + 0.7 * paper() / 255) + noise

    assert is_two(answer(cnn, np.clip(picture, 0, 255).astype(np.uint8)))


def specks(picture: Pixels) -> Pixels:
    """Return a picture with five specks around the digit."""
    picture = picture.copy()
    for row, column in [(5, 9), (8, 90), (60, 100), (102, 12), (50, 6)]:
        picture[row : row + 2, column : column + 2] = 0
    return picture


def framed(picture: Pixels) -> Pixels:
    """Return a picture with a cell's border around it."""
    picture = picture.copy()
    picture[:3] = picture[-3:] = 30
    picture[:, :3] = picture[:, -3:] = 30
    return picture


def ruled(picture: Pixels) -> Pixels:
    """Return a picture with a ruled line beneath the digit."""
    picture = picture.copy()
    picture[102:104] = 100
    return picture


def squared(picture: Pixels) -> Pixels:
    """Return a picture on squared paper, whose lines run through the digit."""
    lines = np.full_like(picture, 255)
    lines[9::18] = lines[:, 5::18] = 165
    return np.minimum(picture, lines)


def lined(picture: Pixels) -> Pixels:
    """Return a picture on ruled paper that lies a little askew."""
    lines = Image.new("L", picture.shape[::-1], 255)
    for top in (8, 41, 74, 107):
        ImageDraw.Draw(lines).line((0, top - 2, 111, top + 2), fill=150, width=2)
    result: Pixels = np.minimum(picture, np.asarray(lines))
    return result


def with_neighbour(picture: Pixels) -> Pixels:
    """Return a picture into which the next digit reaches at the right."""
    wide = np.pad(picture, ((0, 0), (0, 30)), constant_values=255)
    wide[30:80, -5:] = 0
    return wide


def shadowed(picture: Pixels) -> Pixels:
    """Return a picture across which the edge of a shadow falls."""
    grey = picture.astype(np.float64) * 0.8 + 40
    grey[:, :50] *= 0.75
    return grey.astype(np.uint8)


def shaded(picture: Pixels) -> Pixels:
    """Return a picture into whose corner a soft shadow falls, half as light as the paper."""
    down, across = np.mgrid[:112, :112] / 112
    shade = 1 / (1 + np.exp(-(down + across - 1.45) / 0.04))
    grey: Pixels = (240 * (1 - 0.5 * shade) * (0.25 + 0.75 * picture / 255)).astype(np.uint8)
    return grey


def dotted(picture: Pixels) -> Pixels:
    """Return a picture in which one pixel of twenty is black or white."""
    rng = np.random.default_rng(1)
    noisy = np.asarray(Image.fromarray(picture).resize((32, 32), Image.Resampling.BOX)).copy()
    hit = rng.random(noisy.shape) < 0.1
    noisy[hit] = rng.choice([0, 255], int(hit.sum()))
    return noisy


def with_strips(picture: Pixels) -> Pixels:
    """Return a picture inverted in a strip at either side."""
    picture = picture.copy()
    picture[:, :28] = 255 - picture[:, :28]
    picture[:, -28:] = 255 - picture[:, -28:]
    return picture


@pytest.mark.parametrize(
    ("change", "step"),
    [
        (specks, "removed 5 specks"),
        (framed, "removed 2 lines at the border"),
        (ruled, "removed 1 stroke beside the digit"),
        (squared, "removed ruled lines"),
        (lined, "removed ruled lines"),
        (with_neighbour, "removed 1 stroke beside the digit"),
        (shadowed, "evened out the background"),
        (shaded, "evened out the background"),
        (dotted, "removed noise"),
        (with_strips, "removed 2 lines at the border"),
    ],
)
def test_what_is_not_the_digit_is_taken_away(
    cnn: Classifier, change: Callable[[Pixels], Pixels], step: str
) -> None:
    """The answer stays, and the steps say what was done."""
    picture = change(paper())

    assert step in normalise(picture).steps
    assert is_two(answer(cnn, picture))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("tint", [(255, 220, 160), (170, 200, 255), (120, 120, 120)])
def test_colour_and_format_do_not_matter(
    cnn: Classifier, kind: str, tint: tuple[int, int, int]
) -> None:
    """A colour cast, in a file of quality 60 or better."""
    colour = (paper()[:, :, None] * (np.array(tint) / 255)).astype(np.uint8)
    data = encode(Image.fromarray(colour), kind, **({} if kind == "PNG" else {"quality": 60}))

    assert is_two(answer(cnn, to_grey(open_image(data, max_pixels=10**6))))


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
    assert result.steps[-1] == "found no ink"


def test_a_small_digit_on_a_large_sheet_is_looked_at_closely(cnn: Classifier) -> None:
    """A digit of 60 pixels on 12 megapixels keeps its strokes; the steps name its size."""
    sheet = np.full((3000, 4000), 250, np.uint8)
    sheet[2000:2084, 500:584] = np.minimum(250, paper(84))

    assert is_two(answer(cnn, sheet))
    assert normalise(sheet).steps[0] == "inverted"


@pytest.mark.parametrize(("side", "size"), [(1500, 1200), (2400, 700)])
def test_a_thin_stroke_on_a_large_canvas_stays(cnn: Classifier, side: int, size: int) -> None:
    """A pen of one pixel, whose share of a reduced pixel is next to nothing."""
    canvas = np.full((side, side), 255, np.uint8)
    canvas[50 : 50 + size, 70 : 70 + size] = np.asarray(thin_two(size))

    assert "kept thin strokes" in normalise(canvas).steps
    assert is_two(answer(cnn, canvas))


@pytest.mark.parametrize("size", [100, 300, 900])
def test_thin_strokes_come_out_as_wide_as_others(size: int) -> None:
    """A cross of one pixel's width has about the ink of MNIST's strokes, two or three wide."""
    picture = np.full((size, size), 255, np.uint8)
    picture[size // 10 : -size // 10, size // 2] = 0
    picture[size // 2, size // 10 : -size // 10] = 0

    result = normalise(picture)

    assert result.steps[-1] == "thickened the strokes"
    assert 2 < result.pixels.sum() / 255 / 40 < 3.5


def test_a_thin_stroke_at_the_frame_is_no_frame(cnn: Classifier) -> None:
    """A zero of one pixel's width that touches all four sides is the digit."""
    picture = Image.new("L", (90, 120), 255)
    ImageDraw.Draw(picture).rounded_rectangle((0, 0, 89, 119), 25, outline=0)

    assert answer(cnn, np.asarray(picture)).digit == 0


def fat_d(draw: ImageDraw.ImageDraw) -> None:
    """Draw a bold D whose back is the left border."""
    draw.pieslice((-40, 0, 39, 39), -90, 90, fill=255)
    draw.pieslice((-16, 10, 25, 29), -90, 90, fill=0)
    draw.rectangle((0, 0, 12, 39), fill=255)


def fat_one(draw: ImageDraw.ImageDraw) -> None:
    """Draw a bold slanted stroke from one corner to the other."""
    draw.line((4, 39, 36, 0), fill=255, width=16)


def fat_three(draw: ImageDraw.ImageDraw) -> None:
    """Draw a three so bold that little paper is left."""
    draw.line([(0, 8), (28, 6), (16, 19), (32, 30), (0, 34)], fill=255, width=15, joint="curve")


@pytest.mark.parametrize("draw", [fat_d, fat_one, fat_three])
def test_ink_that_fills_the_picture_and_cuts_the_paper_up_is_ink(
    draw: Callable[[ImageDraw.ImageDraw], None],
) -> None:
    """What is left of the paper, corners and holes, is narrower than the strokes."""
    picture = Image.new("L", (40, 40), 0)
    draw(ImageDraw.Draw(picture))

    assert "inverted" not in normalise(np.asarray(picture)).steps
    assert "inverted" in normalise(255 - np.asarray(picture)).steps


@pytest.mark.parametrize("scene", [cell, table])
def test_an_empty_scene_has_no_digit(cnn: Classifier, scene: Scene) -> None:
    """What lies at the border comes from outside, though a piece of it may look like a 1."""
    for seed in range(30):
        rng = np.random.default_rng(seed)
        picture = np.clip(scene(np.zeros((100, 100)), rng), 0, 255).astype(np.uint8)

        assert answer(cnn, picture).decision == "abstain"


def test_squared_paper_without_a_digit_is_none(cnn: Classifier) -> None:
    """Where lines cross they are darkest, but no digit; nor is a line darker than the others."""
    sheet = squared(np.full((112, 112), 255, np.uint8))
    assert answer(cnn, sheet).decision == "abstain"

    sheet[:, 59:61] = 60
    assert answer(cnn, sheet).decision == "abstain"


def test_dark_corners_do_not_cut_the_paper_up() -> None:
    """A stroke between two corners of a table is ink, the paper is not."""
    picture = Image.new("L", (60, 60), 220)
    draw = ImageDraw.Draw(picture)
    draw.polygon([(0, 0), (24, 0), (0, 24)], fill=40)
    draw.polygon([(59, 0), (35, 0), (59, 24)], fill=40)
    draw.line((30, 18, 27, 46), fill=60, width=5)

    assert "inverted" in normalise(np.asarray(picture)).steps


def test_what_was_written_with_the_figure_stays() -> None:
    """The dot of an i is no speck and no neighbour: without it, it would be a 1."""
    picture = np.full((60, 40), 255, np.uint8)
    picture[20:50, 18:22] = picture[8:13, 18:23] = 0

    result = normalise(picture)

    rows = result.pixels.any(axis=1)
    assert not [step for step in result.steps if "removed" in step]
    assert np.count_nonzero(np.diff(rows)) == 4


@pytest.mark.parametrize(("gap", "decision"), [(20, "abstain"), (80, "accept")])
def test_digits_close_together_are_none_of_them(cnn: Classifier, gap: int, decision: str) -> None:
    """Of digits far from each other the one nearest to the middle is read."""
    two = 255 - paper()
    rows, columns = (np.flatnonzero(two.any(axis=axis)) for axis in (1, 0))
    cut = two[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    ink = np.concatenate([cut, np.zeros((len(cut), gap), np.uint8), cut], axis=1)

    assert answer(cnn, 255 - np.pad(ink, 15)).decision == decision


def test_a_stroke_that_skips_is_one_digit() -> None:
    """A ring in twelve pieces, as of a ballpoint that skips, each near the next one."""
    picture = Image.new("L", (100, 100), 255)
    draw = ImageDraw.Draw(picture)
    for start in range(0, 360, 30):
        draw.arc((25, 15, 75, 85), start, start + 20, fill=0, width=4)

    rows, columns = (normalise(np.asarray(picture)).pixels.any(axis=axis) for axis in (1, 0))

    assert np.count_nonzero(rows) == 20
    assert 13 <= np.count_nonzero(columns) <= 15


def test_a_thin_three_that_fills_the_picture_is_no_frame(cnn: Classifier) -> None:
    """Its ends come close to the corners, but not into their tips."""
    picture = Image.new("L", (60, 60), 255)
    points = [(1, 1), (50, 0), (59, 9), (59, 22), (30, 29), (59, 36), (59, 50), (50, 59), (1, 58)]
    ImageDraw.Draw(picture).line(points, fill=0, width=1)

    prediction = answer(cnn, np.asarray(picture))

    assert "found no ink" not in normalise(np.asarray(picture)).steps
    assert prediction.digit == 3


def test_a_tilted_frame_is_not_taken_for_the_paper(cnn: Classifier) -> None:
    """A dark frame, its sides not parallel to the picture's."""
    cell = Image.fromarray(paper(160))
    corners = [(4, 0), (159, 5), (155, 159), (0, 154), (4, 0)]
    ImageDraw.Draw(cell).line(corners, fill=0, width=10)

    assert is_two(answer(cnn, np.asarray(cell)))


@settings(deadline=None, max_examples=30)
@given(st.integers(8, 60), st.integers(0, 40), st.integers(0, 40))
def test_shifting_on_plain_paper_changes_nothing(size: int, down: int, across: int) -> None:
    """On a sheet that is not reduced the same pixels come out, wherever the digit lies."""
    sheet = np.full((96, 96), 255, np.uint8)
    shifted = sheet.copy()
    sheet[18 : 18 + size, 18 : 18 + size] = paper(size)
    down, across = min(down, 96 - size), min(across, 96 - size)
    shifted[down : down + size, across : across + size] = paper(size)

    assert_array_equal(normalise(shifted).pixels, normalise(sheet).pixels)


@settings(deadline=None, max_examples=30)
@given(st.integers(20, 48), st.integers(2, 12))
def test_whole_multiples_of_the_size_have_the_same_answer(
    cnn: Classifier, size: int, times: int
) -> None:
    """Every pixel repeated in both directions."""
    assert is_two(answer(cnn, paper(size).repeat(times, axis=0).repeat(times, axis=1)))


@settings(deadline=None, max_examples=30)
@given(st.integers(20, 300), st.sampled_from(["PNG", "BMP", "TIFF", "GIF", "WEBP"]))
def test_lossless_files_change_nothing(size: int, kind: str) -> None:
    """Whatever the format, the same pixels come out."""
    picture = paper(size)
    options: dict[str, bool] = {"lossless": True} if kind == "WEBP" else {}
    data = encode(Image.fromarray(picture), kind, **options)

    again = to_grey(open_image(data, max_pixels=10**6))

    assert_array_equal(normalise(again).pixels, normalise(picture).pixels)


@settings(deadline=None, max_examples=30)
@given(st.integers(20, 300), st.integers(0, 255))
def test_alpha_means_white_paper(cnn: Classifier, size: int, hidden: int) -> None:
    """Black ink whose paper is transparent is read; the colour beneath does not show."""
    ink = 255 - paper(size)
    colour = np.where(ink > 0, 0, hidden).astype(np.uint8)
    layers = np.dstack([colour, colour, colour, ink])

    data = encode(Image.fromarray(layers))

    assert is_two(answer(cnn, to_grey(open_image(data, max_pixels=10**6))))


@settings(deadline=None, max_examples=30)
@given(st.tuples(*[st.integers(0, 90)] * 3), st.tuples(*[st.integers(190, 255)] * 3))
def test_coloured_ink_on_coloured_paper_is_read(
    cnn: Classifier, ink: tuple[int, int, int], sheet: tuple[int, int, int]
) -> None:
    """Any dark colour on any light one, or the other way round."""
    share = (paper() / 255)[:, :, None]
    picture = (np.array(ink) * (1 - share) + np.array(sheet) * share).astype(np.uint8)

    for colour in (picture, 255 - picture):
        data = encode(Image.fromarray(colour))
        assert is_two(answer(cnn, to_grey(open_image(data, max_pixels=10**6))))


# Every step there is.
STEP = re.compile(
    r"inverted|kept thin strokes|evened out the background|removed noise|removed ruled lines"
    r"|found no ink"
    r"|removed (1 line|[2-4] lines) at the border"
    r"|removed (1 stroke|\d+ strokes) beside the digit|removed (1 speck|\d+ specks)"
    r"|cropped to \d+x\d+|scaled from \d+x\d+ to \d+x\d+|thickened the strokes"
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
        assert STEP.fullmatch(step)


def test_real_pictures_are_read(cnn: Classifier, realworld_dir: Path) -> None:
    """On every set of pictures as people send them the answers are as good as promised."""
    scores = measure(realworld_dir, cnn)

    for name, least in FLOORS.items():
        assert scores[name].right / scores[name].digits >= least, name
    assert scores["usps16_light_on_dark"] == scores["usps16_dark_on_light"]


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
