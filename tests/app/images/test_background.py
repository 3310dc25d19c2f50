"""Background of transparent images: white, or black for light ink."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from app.images.background import composite, is_clear, is_transparent, shows_more
from app.images.decoder import open_image
from app.images.greyscale import to_grey, to_grey_with_steps
from app.inference.registry import Registry
from benchmarks.scenes.colours import dark_on_transparent, white_on_transparent
from model_core.preprocessing import downsample, normalise
from model_core.preprocessing.image_ops.types import Grey8
from model_core.preprocessing.steps import Decoding, Step
from tests.support.pictures import encode, two

INK = np.asarray(two(90)) / 255


def decode(image: Image.Image, **options: Any) -> tuple[Grey8, tuple[Step, ...]]:
    """Encode an image as PNG, and decode it to grey."""
    return to_grey_with_steps(open_image(encode(image, **options), max_pixels=1_000_000))


def strokes(grey: int, size: int = 90) -> Image.Image:
    """Return the drawn two as strokes of one grey level on a transparent canvas."""
    alpha = two(size)
    level = Image.new("L", alpha.size, grey)
    return Image.merge("RGBA", [level, level, level, alpha])


def over(image: Image.Image, grey: int) -> Grey8:
    """Return an image over a background, in grey."""
    result = Image.new("RGBA", image.size, (grey, grey, grey, 255))
    result.alpha_composite(image.convert("RGBA"))
    return np.asarray(result.convert("L"))


@pytest.mark.parametrize("seed", range(20))
def test_white_strokes_on_transparency_are_read(registry: Registry, seed: int) -> None:
    """A two in a white pen on a transparent canvas is a two."""
    picture = white_on_transparent(INK, np.random.default_rng(seed))

    grey, steps = decode(Image.fromarray(picture))

    [answer] = registry.default.classifier.predict(downsample(normalise(grey).pixels[None]))
    assert steps == (Decoding.PLACED_ON_BLACK,)
    assert (answer.digit, answer.decision) == (2, "accept")


@pytest.mark.parametrize("seed", range(20))
def test_dark_strokes_on_transparency_are_over_white(seed: int) -> None:
    """A picture that can be seen over white is over white, in the same grey levels as ever."""
    image = Image.fromarray(dark_on_transparent(INK, np.random.default_rng(seed)))

    grey, steps = decode(image)

    assert steps == ()
    assert_array_equal(grey, over(image, 255))


@pytest.mark.parametrize("size", [90, 600])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_light_strokes_are_over_black_in_every_mode(mode: str, size: int) -> None:
    """White strokes become the alpha channel, also in an image that is converted in strips."""
    image = strokes(255, size).convert(mode)

    grey, steps = decode(image)

    assert steps == (Decoding.PLACED_ON_BLACK,)
    assert_array_equal(grey, over(image, 0))


@pytest.mark.parametrize(("grey", "steps"), [(215, ()), (216, (Decoding.PLACED_ON_BLACK,))])
def test_black_is_used_where_white_leaves_little(grey: int, steps: tuple[Step, ...]) -> None:
    """Light grey strokes are over white as long as they are clear there."""
    assert decode(strokes(grey))[1] == steps


@pytest.mark.parametrize("grey", [0, 60, 128, 200])
def test_faint_strokes_that_are_no_clearer_over_black_are_over_white(grey: int) -> None:
    """A nearly transparent pen of any grey but white stays where it was."""
    image = strokes(grey)
    image.putalpha(image.getchannel("A").point(lambda alpha: alpha // 8))

    levels, steps = decode(image)

    assert steps == ()
    assert_array_equal(levels, over(image, 255))


def test_a_partly_transparent_canvas_is_looked_through() -> None:
    """White strokes on a white veil, more transparent, are seen over black."""
    alpha = two(90).point(lambda value: 60 + value * 3 // 4)
    white = Image.new("L", alpha.size, 255)

    grey, steps = decode(Image.merge("LA", [white, alpha]))

    assert steps == (Decoding.PLACED_ON_BLACK,)
    assert_array_equal(grey, np.asarray(alpha))


def test_a_palette_of_white_and_nothing_is_over_black() -> None:
    """White strokes in a palette with a transparent colour, and in 16 bits, become visible."""
    ink = np.asarray(two(90)) > 127
    palette = Image.fromarray(ink.astype(np.uint8), "P")
    palette.putpalette([255, 255, 255, 255, 255, 255])
    wide = Image.fromarray(np.where(ink, 65535, 7).astype(np.uint16))

    for image, transparent in ((palette, 0), (wide, 7)):
        grey, steps = decode(image, transparency=transparent)
        assert steps == (Decoding.PLACED_ON_BLACK,)
        assert_array_equal(grey, np.where(ink, 255, 0))


@pytest.mark.parametrize("colour", [(255, 255, 255, 0), (0, 0, 0, 0), (255, 255, 255, 255)])
def test_what_is_empty_over_black_too_is_over_white(colour: tuple[int, ...]) -> None:
    """An image without contrast over either background is white where it is transparent."""
    grey, steps = decode(Image.new("RGBA", (9, 9), colour))

    assert steps == ()
    assert grey.min() == 255


def test_an_empty_sheet_with_transparent_corners_is_no_digit(registry: Registry) -> None:
    """The screenshot of an empty window with round corners gets no answer."""
    rows, columns = np.mgrid[:200, :300] + 0.5
    down, across = (np.minimum(one, side - one) for one, side in ((rows, 200), (columns, 300)))
    outside = np.hypot(np.maximum(16 - down, 0), np.maximum(16 - across, 0)) > 16
    pixels = np.full((200, 300, 4), 255, np.uint8)
    pixels[outside, 3] = 0

    grey = to_grey(open_image(encode(Image.fromarray(pixels)), max_pixels=1_000_000))

    [answer] = registry.default.classifier.predict(downsample(normalise(grey).pixels[None]))
    assert answer.decision == "abstain"


def test_transparency_is_known_by_mode_and_by_information() -> None:
    """An alpha channel and a transparent colour are transparency; RGB without one is not."""
    plain, keyed = Image.new("RGB", (2, 2)), Image.new("RGB", (2, 2))
    keyed.info["transparency"] = (0, 0, 0)

    assert [is_transparent(image) for image in (plain, keyed)] == [False, True]
    assert is_transparent(Image.new("LA", (2, 2)))
    assert np.asarray(composite(keyed, "black")).tolist() == [[[0, 0, 0, 255]] * 2] * 2


def test_a_picture_is_clear_from_a_contrast_on() -> None:
    """40 grey levels are clear; over black it must be four times as much as over white."""
    white, faint, black = (
        np.array([levels], np.uint8) for levels in ([255] * 2, [235, 255], [0, 79])
    )

    assert is_clear(np.array([[215, 255]], np.uint8))
    assert not is_clear(np.array([[216, 255]], np.uint8))
    assert shows_more(black, white)
    assert not shows_more(black, faint)
    assert not shows_more(black // 2, white)
