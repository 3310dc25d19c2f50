"""Images as files: arrays, and what is refused."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from digitserve_client.images import read_image


@pytest.mark.parametrize("shape", [(3, 5), (3, 5, 1), (3, 5, 3), (3, 5, 4)])
def test_an_array_is_a_png_with_its_values(rng: np.random.Generator, shape: tuple[int]) -> None:
    """Pillow reads the same grey levels, colours and transparency."""
    array = rng.integers(0, 256, shape, np.uint8)

    got = np.asarray(Image.open(io.BytesIO(read_image(array[::-1]).content)))

    np.testing.assert_array_equal(got.reshape(shape), array[::-1])


def test_floats_and_booleans_are_levels() -> None:
    """0 is black, 1 white."""
    for array in (np.array([[0.0, 0.5, 1.0]]), np.array([[False, True]])):
        got = np.asarray(Image.open(io.BytesIO(read_image(array).content)))
        np.testing.assert_array_equal(got, np.rint(array * 255))


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "CMYK", "I;16"])
def test_an_image_of_pillow_keeps_its_mode(mode: str) -> None:
    """As a PNG, or a TIFF if PNG does not have the mode."""
    image = Image.new(mode, (3, 2))

    got = Image.open(io.BytesIO(read_image(image).content))

    assert (got.mode, got.size) == (mode, (3, 2))


@pytest.mark.parametrize(
    ("source", "error", "detail"),
    [
        (np.zeros((2, 2), np.int64), ValueError, "got int64"),
        (np.full((2, 2), 2.0), ValueError, "floats in 0..1"),
        (np.full((2, 2), np.nan), ValueError, "floats in 0..1"),
        (np.zeros(4, np.uint8), ValueError, r"got \(4,\)"),
        (np.zeros((0, 4), np.uint8), ValueError, r"got \(0, 4\)"),
        (3, TypeError, "got int"),
        (io.StringIO("text"), TypeError, "got StringIO"),
        ("no such file.png", FileNotFoundError, "no such file"),
    ],
)
def test_what_is_no_image_is_refused(source: Any, error: type[Exception], detail: str) -> None:
    """Before anything is sent."""
    with pytest.raises(error, match=detail):
        read_image(source)
