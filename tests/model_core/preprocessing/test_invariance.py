"""Changes of a picture that do not change the answer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from PIL import Image

from app.images.decoder import FORMATS, open_image
from app.images.greyscale import to_grey
from model_core.classifier import Classifier
from model_core.preprocessing import normalise
from model_core.preprocessing.image_ops.types import Grey8
from tests.model_core.preprocessing.reading import answer, is_two, paper, pictures
from tests.support.pictures import encode


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


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("tint", [(255, 220, 160), (170, 200, 255), (120, 120, 120)])
def test_colour_and_format_do_not_matter(
    cnn: Classifier, kind: str, tint: tuple[int, int, int]
) -> None:
    """A colour cast, in a file of quality 60 or better."""
    colour = (paper()[:, :, None] * (np.array(tint) / 255)).astype(np.uint8)
    data = encode(Image.fromarray(colour), kind, **({} if kind == "PNG" else {"quality": 60}))

    assert is_two(answer(cnn, to_grey(open_image(data, max_pixels=10**6))))


@given(pictures)
def test_a_negative_gives_the_same_picture(pixels: Grey8) -> None:
    """Whatever the picture, its negative comes out alike, bit for bit."""
    assert_array_equal(normalise(pixels).pixels, normalise(255 - pixels).pixels)


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
@given(st.integers(20, 300), st.sampled_from([kind for kind in FORMATS if kind != "JPEG"]))
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
