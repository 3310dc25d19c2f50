"""Conversion to grey: strips of large images, white level, transparency, orientation, memory."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray
from PIL import Image, ImageOps

from app.images.decoder import open_image
from app.images.greyscale import to_grey
from tests.support.pictures import encode


def decode(data: bytes) -> NDArray[np.uint8]:
    """Decode a file to grey."""
    return to_grey(open_image(data, max_pixels=1_000_000))


@pytest.mark.parametrize("shape", [(700, 900), (2, 400_000), (400_000, 2)])
def test_strips_give_the_same_result_as_the_whole(
    rng: np.random.Generator, shape: tuple[int, int]
) -> None:
    """The conversion in strips equals the conversion at once, for wide and tall images too."""
    grey = rng.integers(0, 256, shape).astype(np.uint8)
    image = Image.fromarray(grey)
    transparent = Image.merge("RGBA", [image] * 4)
    over_white = Image.new("RGBA", image.size, "white")
    over_white.alpha_composite(transparent)

    assert_array_equal(decode(encode(image, "TIFF")), grey)
    assert_array_equal(decode(encode(Image.fromarray(grey.astype(np.uint16) * 257))), grey)
    assert_array_equal(decode(encode(transparent)), np.asarray(over_white.convert("L")))


def test_the_white_level_is_that_of_the_whole_image() -> None:
    """The largest value in the last strip of a float image sets the white level of all strips."""
    values = np.full((1000, 600), 128, np.float32)
    values[-1, -1] = 65535

    result = decode(encode(Image.fromarray(values), "TIFF"))

    assert (result[0, 0], result[-1, -1]) == (0, 255)


@pytest.mark.parametrize("transparent", [0, 19_789, 65_535])
def test_transparency_of_sixteen_bits_is_over_white(transparent: int) -> None:
    """The transparent grey value of a 16-bit PNG becomes white."""
    values = np.array([[0, 19_789, 65_535]], np.uint16)
    expected = np.where(values == transparent, 255, values // 257)

    assert_array_equal(decode(encode(Image.fromarray(values), transparency=transparent)), expected)


@pytest.mark.parametrize("orientation", range(10))
def test_every_orientation_is_that_of_pillow(rng: np.random.Generator, orientation: int) -> None:
    """Each EXIF orientation gives the result of Pillow's exif_transpose."""
    image = Image.fromarray(rng.integers(0, 256, (5, 7)).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.info["exif"] = exif.tobytes()

    result = decode(encode(image, exif=exif))

    assert_array_equal(result, np.asarray(ImageOps.exif_transpose(image)))


PEAK = """
import sys
from app.images.greyscale import to_grey
from app.images.decoder import open_image

def most_memory():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024

data = open(sys.argv[1], "rb").read()
before = most_memory()
pixels = to_grey(open_image(data, max_pixels=10_000_000))
print((most_memory() - before) / pixels.size)
"""


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_conversion_takes_bounded_memory(tmp_path: Path, kind: str) -> None:
    """Decoding takes less than 8 bytes per pixel; the decoded image alone takes 4."""
    image = Image.new("RGBA" if kind == "PNG" else "F", (3000, 3000), 1)
    path = tmp_path / "image"
    path.write_bytes(encode(image, kind))

    printed = subprocess.check_output([sys.executable, "-c", PEAK, str(path)], text=True)

    assert float(printed) < 8
