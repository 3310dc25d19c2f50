"""Axis of most contrast in an image's colours."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from app.images.contrast_axis import find_axis, is_faint, sample
from app.images.decoder import open_image
from app.images.greyscale import to_grey_with_steps
from app.inference.registry import Registry
from benchmarks.scenes.colours import Colours, blue_on_newsprint, same_luminance
from model_core.preprocessing import downsample, normalise
from model_core.preprocessing.image_ops.types import Grey8
from model_core.preprocessing.steps import Decoding, Step
from tests.support.pictures import encode, two
from tests.support.scenes import Grey, Rng

INK = np.asarray(two(90)) / 255
RED, BLUE = np.array([205, 90, 70]), np.array([90, 120, 200])


def decode(picture: Colours, kind: str = "PNG") -> tuple[Grey8, tuple[Step, ...]]:
    """Encode a picture, and decode it to grey."""
    data = encode(Image.fromarray(picture), kind)
    return to_grey_with_steps(open_image(data, max_pixels=1_000_000))


def red_on_blue(size: int = 90) -> Colours:
    """Return the drawn two in red ink on a blue card of the same brightness."""
    ink = np.asarray(two(size))[..., None] / 255
    return np.asarray(BLUE + (RED - BLUE) * ink).astype(np.uint8)


@pytest.mark.parametrize("seed", range(20))
def test_ink_as_bright_as_the_paper_is_read(registry: Registry, seed: int) -> None:
    """A two in a colour of about the same brightness as the card is a two."""
    grey, steps = decode(same_luminance(INK, np.random.default_rng(seed)))

    [answer] = registry.default.classifier.predict(downsample(normalise(grey).pixels[None]))
    assert steps == (Decoding.USED_COLOURS,)
    assert (answer.digit, answer.decision) == (2, "accept")


@pytest.mark.parametrize("seed", range(20))
def test_ordinary_ink_is_seen_by_its_brightness(seed: int) -> None:
    """Blue ink on newsprint with coloured noise has the same grey levels as ever."""
    picture = blue_on_newsprint(INK, np.random.default_rng(seed))

    grey, steps = decode(picture)

    assert steps == ()
    assert_array_equal(grey, np.asarray(Image.fromarray(picture).convert("L")))


@pytest.mark.parametrize("scene", [same_luminance, blue_on_newsprint])
@pytest.mark.parametrize("seed", range(10))
def test_empty_coloured_paper_stays_blank(scene: Callable[[Grey, Rng], Colours], seed: int) -> None:
    """A coloured sheet without ink, with uneven light and coloured noise, is not converted."""
    picture = scene(np.zeros_like(INK), np.random.default_rng(seed))

    grey, steps = decode(picture)

    assert steps == ()
    assert not normalise(grey).pixels.any()


@pytest.mark.parametrize("sigma", [4, 12, 25])
@pytest.mark.parametrize("side", [28, 64, 300])
def test_coloured_noise_is_no_contrast(rng: np.random.Generator, side: int, sigma: int) -> None:
    """The noise of a camera is about as strong in brightness as in colour."""
    picture = np.clip(rng.normal(150, sigma, (side, side, 3)), 0, 255).astype(np.uint8)

    assert decode(picture)[1] == ()


@pytest.mark.parametrize("mode", ["L", "LA", "1", "I;16"])
def test_grey_images_are_not_looked_at_for_colours(mode: str) -> None:
    """An image of a grey mode is decoded as ever, however faint it is."""
    pale = Image.fromarray(np.full((40, 40), 200, np.uint8))
    image = Image.fromarray(np.full((40, 40), 200, np.uint16)) if mode == "I;16" else pale

    image = image if mode == "I;16" else image.convert(mode)

    assert to_grey_with_steps(open_image(encode(image), max_pixels=10_000))[1] == ()


def test_a_grey_picture_in_rgb_keeps_its_values() -> None:
    """A faint picture whose three channels are equal has no other axis than its brightness."""
    grey = np.asarray(two(90)) // 16 + 100
    image = Image.fromarray(np.repeat(grey[..., None], 3, axis=2))

    assert_array_equal(to_grey_with_steps(open_image(encode(image), max_pixels=10_000))[0], grey)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "BMP", "TIFF"])
@pytest.mark.parametrize("size", [28, 90, 600])
def test_the_axis_is_found_at_every_size(kind: str, size: int) -> None:
    """The picture along the axis has the contrast of the colours, whole or in strips."""
    grey, steps = decode(red_on_blue(size), kind)

    assert steps == (Decoding.USED_COLOURS,)
    assert np.ptp(grey) > 90
    least = 0.97 if kind != "WEBP" or size > 28 else 0.85  # its chroma has half the resolution
    assert abs(np.corrcoef(grey.ravel(), np.asarray(two(size)).ravel())[0, 1]) > least


@pytest.mark.parametrize("mode", ["P", "CMYK", "RGBA"])
def test_the_axis_is_found_in_every_mode(mode: str) -> None:
    """Palettes, CMYK and images with an alpha channel have colours, too."""
    image = Image.fromarray(red_on_blue(200)).convert(mode)
    kind = "TIFF" if mode == "CMYK" else "PNG"

    _, steps = to_grey_with_steps(open_image(encode(image, kind), max_pixels=100_000))

    assert steps == (Decoding.USED_COLOURS,)


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (2, 3), (5000, 3)])
def test_narrow_images_have_no_axis(size: tuple[int, int]) -> None:
    """Images with few places to compare are faint, and have no axis."""
    image = sample(Image.new("RGB", size, (90, 120, 200)))

    assert is_faint(np.asarray(image.convert("L")))
    assert find_axis(image) is None


def test_the_axis_is_the_same_for_every_brightness_of_the_light() -> None:
    """A slope of light across the picture, which is brightness, does not turn the axis."""
    light = np.linspace(1, 0.6, 200)[:, None]
    even, uneven = (
        find_axis(Image.fromarray((red_on_blue(200) * one).astype(np.uint8))) for one in (1, light)
    )

    assert even is not None
    assert uneven is not None
    one, other = np.array(even[:3]), np.array(uneven[:3])
    assert abs(one @ other) / np.linalg.norm(one) / np.linalg.norm(other) > 0.99
