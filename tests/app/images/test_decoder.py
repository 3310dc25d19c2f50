"""Decoding of image files: formats, modes, limits, invalid files."""

import math
import random
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from PIL import Image

from app.errors import (
    AppError,
    MalformedRequestError,
    TooManyPixelsError,
    UnreadableImageError,
    UnsupportedImageError,
)
from app.images.decoder import FORMATS, draft_jpeg, open_image
from app.images.greyscale import to_grey, to_grey_with_steps
from app.settings import PILLOW_MAX_PIXELS
from model_core.preprocessing.steps import Decoding
from tests.support.pictures import encode, negative, two, with_scans

GREY = np.asarray(two())

# Formats that change the values of a picture.
LOSSY = ["JPEG", "WEBP"]


def decode(data: bytes, max_pixels: int = 100_000) -> NDArray[np.uint8]:
    """Decode a file to grey."""
    return to_grey(open_image(data, max_pixels=max_pixels))


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind not in LOSSY])
def test_lossless_grey_is_decoded_exactly(kind: str) -> None:
    """The values of an 8-bit grey image in a lossless format do not change."""
    assert_array_equal(decode(encode(two(), kind)), GREY)


@pytest.mark.parametrize("kind", LOSSY)
def test_lossy_formats_are_decoded_approximately(kind: str) -> None:
    """The decoded JPEG or WebP is close to the original."""
    assert_allclose(decode(encode(two(), kind, quality=95)), GREY, atol=40)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P", "I", "I;16", "F", "CMYK", "YCbCr", "1"])
def test_every_mode_is_converted(mode: str) -> None:
    """The same image in every mode of Pillow gives the same grey values."""
    source = two().point(lambda value: 255 if value > 127 else 0)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(source).astype(np.uint16) * 257)
    else:
        image = source.convert("RGB").convert(mode) if mode == "YCbCr" else source.convert(mode)
    kind = "JPEG" if mode == "YCbCr" else "TIFF" if mode in ("F", "CMYK", "I") else "PNG"

    assert_allclose(
        decode(encode(image, kind)), np.asarray(source), atol=60 if kind == "JPEG" else 1
    )


def test_sixteen_bits_keep_their_brightness() -> None:
    """In 16 bits 65535 is white and 32896 the middle, in a dark image too."""
    values = np.array([[0, 32896, 65535], [257, 514, 0]], np.uint16)

    assert_array_equal(decode(encode(Image.fromarray(values))), [[0, 128, 255], [1, 2, 0]])
    assert_array_equal(decode(encode(Image.fromarray(values[1:]))), [[1, 2, 0]])


def test_a_float_image_may_have_values_to_1_or_255() -> None:
    """White is 1 or 255 in a float image, by its largest value; NaN is black."""
    small = np.array([[0, 0.5, 1, np.nan]], np.float32)

    assert_array_equal(decode(encode(Image.fromarray(small), "TIFF")), [[0, 128, 255, 0]])
    assert_array_equal(decode(encode(Image.fromarray(small * 255), "TIFF")), [[0, 128, 255, 0]])


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_is_over_white(mode: str) -> None:
    """Transparent pixels become white."""
    image = Image.new(mode, (3, 1), 0)

    assert_array_equal(decode(encode(image)), [[255, 255, 255]])


def test_a_transparent_palette_colour_is_over_white() -> None:
    """The transparent entry of a palette becomes white."""
    image = Image.fromarray(np.array([[0, 1]], np.uint8), "P")
    image.putpalette([0, 0, 0, 10, 20, 30])

    assert_array_equal(decode(encode(image, transparency=0)), [[255, 18]])


def test_exif_orientation_is_applied() -> None:
    """A rotated image with an EXIF orientation is decoded upright."""
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = two().transpose(Image.Transpose.ROTATE_90)

    for kind in ("JPEG", "PNG", "TIFF", "WEBP"):
        result = decode(encode(turned, kind, exif=exif))
        assert np.corrcoef(result.ravel(), GREY.ravel())[0, 1] > 0.95, kind


@pytest.mark.parametrize("exif", [b"", b"garbage", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0"])
def test_an_invalid_exif_block_is_ignored(exif: bytes) -> None:
    """An image with an invalid EXIF block is decoded without orientation."""
    result = decode(encode(two(), "JPEG", quality=95, exif=exif))

    assert_allclose(result, GREY, atol=40)


def test_the_first_frame_is_decoded() -> None:
    """Of an animation or a multi-page file, the first frame is decoded."""
    for kind in ("GIF", "TIFF", "WEBP"):
        data = encode(two(), kind, save_all=True, append_images=[negative(two())])
        assert_allclose(decode(data), GREY, atol=40)


def test_pixels_are_counted_before_decoding() -> None:
    """A small file with 50,000 x 50,000 pixels in its header is refused before decoding."""
    data = bytearray(encode(two()))
    data[16:24] = (50_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")

    with pytest.raises(
        TooManyPixelsError, match=r"^image: expected at most 100000 pixels, got a much"
    ):
        decode(bytes(data))


def test_the_pixel_limit_is_inclusive() -> None:
    """An image of 784 pixels passes the limit 784 and not the limit 783."""
    decode(encode(two()), max_pixels=784)

    with pytest.raises(TooManyPixelsError, match="expected at most 783 pixels, got 28x28"):
        decode(encode(two()), max_pixels=783)


def test_the_largest_pixel_setting_is_pillows_limit() -> None:
    """The setting's upper bound is twice Pillow's MAX_IMAGE_PIXELS, above which it raises."""
    assert Image.MAX_IMAGE_PIXELS is not None
    assert 2 * Image.MAX_IMAGE_PIXELS == PILLOW_MAX_PIXELS


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (b"", MalformedRequestError, "expected the bytes of an image, got none"),
        (b"%PDF-1.7 ...", UnsupportedImageError, "got PDF"),
        (b"<svg xmlns=''/>", UnsupportedImageError, "got SVG"),
        (b"\0\0\0\x18ftypheic", UnsupportedImageError, "got HEIC: export it as JPEG"),
        (b"\0\0\0\x14ftypavif", UnsupportedImageError, "got AVIF: convert it to JPEG or PNG"),
        (b"hello", UnsupportedImageError, "begin with 68 65 6c 6c 6f"),
        (encode(two(), "ICO"), UnsupportedImageError, "got ICO"),
        (encode(two().convert("RGB").convert("LAB"), "TIFF"), UnsupportedImageError, "got LAB"),
        (encode(two(), "PCX"), UnsupportedImageError, f"expected {', '.join(FORMATS)}, got"),
        (encode(two())[:10], UnreadableImageError, "PNG file of a supported kind, got 10 bytes"),
        (encode(two())[:-60], UnreadableImageError, "complete PNG file"),
        (encode(two(200), "JPEG")[:900], UnreadableImageError, "complete JPEG file"),
        (encode(two(), "WEBP")[:40], UnreadableImageError, "complete WEBP file"),
        (encode(two(), "GIF")[:30], UnreadableImageError, "complete GIF file"),
        (encode(two(), "BMP")[:60], UnreadableImageError, "complete BMP file"),
        (encode(two(), "TIFF")[:60], UnreadableImageError, "complete TIFF file"),
    ],
)
def test_each_kind_of_invalid_file_has_its_error(
    data: bytes, error: type[AppError], message: str
) -> None:
    """No bytes, an unsupported format and a broken file raise three different errors."""
    with pytest.raises(error, match=message):
        decode(data)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("kind", FORMATS)
def test_a_truncated_file_of_each_format_is_recognised(kind: str, share: float) -> None:
    """A file that is cut off is unreadable, not of an unsupported format."""
    data = encode(two(60), kind)

    with pytest.raises(UnreadableImageError, match=f"expected a complete {kind} file"):
        decode(data[: int(share * len(data))])


@pytest.mark.parametrize("count", [33, 1000, 300_000])
def test_a_jpeg_of_many_scans_is_refused(count: int) -> None:
    """A JPEG with more than 32 scans is refused before decoding."""
    with pytest.raises(UnreadableImageError, match="expected a JPEG of at most 32 scans, got more"):
        open_image(with_scans(count), max_pixels=100_000)


def test_a_jpeg_of_32_scans_is_decoded() -> None:
    """32 scans are allowed; scan markers inside a comment are not counted."""
    comment = b"\xff\xfe\x01\x02" + b"\xff\xda\0\2" * 64
    data = with_scans(32)

    assert decode(data[:2] + comment + data[2:]).min() == 255
    assert decode(data[:-2] + comment + data[-2:]).min() == 255


def test_scans_after_ignored_markers_are_counted() -> None:
    """The scans after a restart marker or a reserved marker are counted."""
    data = with_scans(1000)
    first = data.index(b"\xff\xda")

    for decoy in (b"\xff\xd0\xff\xff", b"\xff\x02\xff\xff", b"\xff\xff\0\xff\0"):
        with pytest.raises(UnreadableImageError, match="at most 32 scans"):
            open_image(data[: first + 20] + decoy + data[first + 20 :], max_pixels=100_000)


def test_the_pixel_limit_includes_tiles() -> None:
    """A 28x28 TIFF with a tile of 30,000x30,000 is refused before decoding."""
    tags = [(256, 28), (257, 28), (258, 8), (259, 1), (262, 1)]
    tags += [(322, 30_000), (323, 30_000), (324, 8), (325, 8)]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    data = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)

    with pytest.raises(TooManyPixelsError, match="100000 pixels, got 30000x30000"):
        open_image(data, max_pixels=100_000)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_app_errors(data: bytes) -> None:
    """Random bytes raise an AppError and no other exception."""
    with pytest.raises(AppError):
        decode(data)


SAMPLES = [encode(two(40).convert("RGB"), kind) for kind in FORMATS]


@settings(max_examples=400, deadline=None)
@given(sample=st.sampled_from(SAMPLES), seed=st.integers(0, 2**32), count=st.integers(1, 20))
def test_damaged_files_raise_app_errors(sample: bytes, seed: int, count: int) -> None:
    """A file with changed or missing bytes gives an image or an AppError, in every format."""
    randomness = random.Random(seed)
    data = bytearray(sample)
    for _ in range(count):
        data[randomness.randrange(len(data))] = randomness.randrange(256)
    if seed % 3 == 0:
        del data[randomness.randrange(len(data)) :]

    try:
        pixels = decode(bytes(data))
    except AppError:
        return

    assert pixels.dtype == np.uint8
    assert pixels.ndim == 2


def header(width: int, height: int, **options: Any) -> bytes:
    """Return a JPEG whose header has another size than its picture."""
    data = encode(two().convert("RGB"), "JPEG", **options)
    start = data.index(b"\xff\xc2" if options else b"\xff\xc0") + 5
    return data[:start] + struct.pack(">HH", height, width) + data[start + 4 :]


@pytest.mark.parametrize(
    ("size", "divisor"), [((8000, 6000), 4), ((12_000, 9000), 8), ((2048, 3000), 2)]
)
def test_a_large_jpeg_counts_at_the_size_of_its_decoding(
    size: tuple[int, int], divisor: int
) -> None:
    """Photos of 48 and 108 megapixels pass a limit of what is left of them."""
    data = header(*size)
    pixels = math.prod(size) // divisor**2

    open_image(data, max_pixels=pixels)

    width, height = size
    got = f"{pixels - 1} pixels, got {width}x{height}, decoded at 1/{divisor} of its size"
    with pytest.raises(TooManyPixelsError, match=got):
        open_image(data, max_pixels=pixels - 1)


def test_other_files_count_at_their_full_size() -> None:
    """A JPEG with a short side, and every other format, is decoded in full."""
    for data in (header(20_000, 2047), encode(Image.new("1", (8000, 6000)))):
        with pytest.raises(TooManyPixelsError, match=r"at most 25000000 pixels, got \d+x\d+$"):
            open_image(data, max_pixels=25_000_000)


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_of_more_than_120_megapixels_is_refused(progressive: bool) -> None:
    """The number of pixels before the reduction has a limit, whatever is left of them."""
    options = {"progressive": True} if progressive else {}
    open_image(header(12_000, 10_000, **options), max_pixels=25_000_000)

    with pytest.raises(TooManyPixelsError, match="JPEG of at most 120000000 pixels, got 12000x"):
        open_image(header(12_000, 10_001, **options), max_pixels=25_000_000)


@pytest.mark.parametrize("side", [13_000, 65_500])
@pytest.mark.parametrize("max_pixels", [25_000_000, 150_000_000])
def test_the_limit_that_is_named_is_the_one_that_counts(max_pixels: int, side: int) -> None:
    """A JPEG has 120 megapixels or the setting, if that is more, however large its header says."""
    limit = max(max_pixels, 120_000_000)

    with pytest.raises(TooManyPixelsError, match=f"a JPEG of at most {limit} pixels, got"):
        open_image(header(side, side), max_pixels=max_pixels)


def test_a_jpeg_of_48_megapixels_is_decoded() -> None:
    """A photo of 8000x6000 pixels is read at a quarter of its size, with little memory."""
    data = encode(two(1000).resize((8000, 6000)).convert("RGB"), "JPEG", quality=85)
    image = open_image(data, max_pixels=25_000_000)

    assert draft_jpeg(image) == 4
    assert_allclose(to_grey(image), np.asarray(two(1000).resize((2000, 1500))), atol=60)


def test_a_large_jpeg_can_be_decoded_in_colour() -> None:
    """Red ink on a blue card is seen in a large photo, which is decoded in grey at first."""
    ink = np.asarray(two(2048))[..., None] / 255
    card, pen = np.array([90, 120, 200]), np.array([205, 90, 70])
    data = encode(Image.fromarray((card + (pen - card) * ink).astype(np.uint8)), "JPEG")

    def again() -> Image.Image:
        image = open_image(data, max_pixels=25_000_000)
        draft_jpeg(image, in_colour=True)
        return image

    first = open_image(data, max_pixels=25_000_000)
    draft_jpeg(first)
    grey, steps = to_grey_with_steps(first, again)

    assert steps == (Decoding.USED_COLOURS,)
    assert grey.shape == (1024, 1024)
    assert np.ptp(grey) > 90


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize(("side", "divisor"), [(2047, 1), (2048, 2), (4096, 4)])
def test_a_large_jpeg_is_decoded_at_a_reduced_size(mode: str, side: int, divisor: int) -> None:
    """The shorter side keeps at least 1024 pixels, and the grey values stay the same."""
    image = open_image(encode(two(side).convert(mode), "JPEG"), max_pixels=25_000_000)

    assert draft_jpeg(image) == divisor

    expected = two(side).reduce(divisor)
    assert_allclose(to_grey(image), np.asarray(expected), atol=40)


def test_a_large_png_is_decoded_in_full_size() -> None:
    """Only JPEG files are decoded at a reduced size."""
    image = open_image(encode(two(2048)), max_pixels=25_000_000)

    assert draft_jpeg(image) == 1
    assert to_grey(image).shape == (2048, 2048)


def test_a_very_long_image_is_refused() -> None:
    """An image of a million rows of one pixel is decoded; a longer one is refused."""
    for height, width in ((2**20, 1), (1, 2**20)):
        open_image(encode(Image.new("1", (width, height))), max_pixels=2**21)

    with pytest.raises(TooManyPixelsError, match="sides of at most 1048576 pixels, got 1048577x1"):
        open_image(encode(Image.new("1", (2**20 + 1, 1))), max_pixels=2**21)
