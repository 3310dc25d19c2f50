"""The fast path for grey PNG files returns Pillow's result, or leaves the file to Pillow."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from PIL import Image, PngImagePlugin

from app.images.decoder import open_image
from app.images.grey_png import decode_grey_png, decode_mnist_pngs
from app.images.greyscale import to_grey
from tests.support.mutations import corpus, mutants
from tests.support.pictures import as_bytes, encode, two

# Width times height of the largest image in these tests.
MAX_PIXELS = 300 * 300

PLAIN = as_bytes()
BEGIN, SIZE = PLAIN[:8], PLAIN[16:24]


def chunk(name: bytes, content: bytes) -> bytes:
    """Return a valid chunk."""
    checksum = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + checksum


def png(*chunks: bytes, header: bytes = SIZE + bytes([8, 0, 0, 0, 0])) -> bytes:
    """Return a PNG file with these chunks between IHDR and IEND."""
    return b"".join([BEGIN, chunk(b"IHDR", header), *chunks, chunk(b"IEND", b"")])


def decode_with_pillow(data: bytes) -> np.ndarray:
    """Decode a file without the fast path."""
    return to_grey(open_image(data, max_pixels=MAX_PIXELS))


@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from([1, 5, 255, 256]),
    st.integers(0, 9),
    st.integers(1, 300),
)
def test_pixels_are_those_of_pillow(
    width: int, height: int, levels: int, level: int, part: int
) -> None:
    """The fast path gives Pillow's pixels for any size and content, with one or many chunks."""
    rng = np.random.default_rng(width * height)
    pixels = rng.integers(0, levels, (height, width)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=level)
    whole = file.getvalue()
    compressed = whole[41 : 41 + int.from_bytes(whole[33:37])]
    parts = [compressed[at : at + part] for at in range(0, len(compressed), part)]
    many = png(*(chunk(b"IDAT", one) for one in parts), header=whole[16:29])

    for data in (whole, many):
        grey = decode_grey_png(data, max_pixels=MAX_PIXELS)
        assert grey is not None
        assert_array_equal(grey, pixels)
        assert_array_equal(grey, decode_with_pillow(data))


def test_a_damaged_file_is_not_read_differently() -> None:
    """For a damaged file, the fast path returns None or Pillow's pixels."""
    files = [*mutants(3000, seed=5), *corpus().items()]
    read = [(data, decode_grey_png(data, max_pixels=MAX_PIXELS)) for _, data in files]
    plain = [(data, grey) for data, grey in read if grey is not None]

    assert plain
    for data, grey in plain:
        assert_array_equal(grey, decode_with_pillow(data))


@pytest.mark.parametrize("place", range(0, len(PLAIN), 3))
def test_a_changed_or_truncated_file_is_left_to_pillow(place: int) -> None:
    """The fast path returns None if any byte is changed or the end is missing."""
    data = bytearray(PLAIN)
    data[place] ^= 0x10

    assert decode_grey_png(bytes(data), max_pixels=MAX_PIXELS) is None
    assert decode_grey_png(PLAIN[:place], max_pixels=MAX_PIXELS) is None


def with_comment() -> bytes:
    """Return a PNG with a text chunk."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "two")
    return encode(two(), pnginfo=info)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(with_comment(), id="text"),
        pytest.param(encode(two(), transparency=0), id="transparency"),
        pytest.param(encode(two().convert("1")), id="1 bit"),
        pytest.param(encode(two().convert("P")), id="palette"),
        pytest.param(encode(two().convert("RGB")), id="colour"),
        pytest.param(encode(two().convert("LA")), id="alpha"),
        pytest.param(encode(two().convert("I;16")), id="16 bits"),
        pytest.param(encode(two(), "GIF"), id="GIF"),
        pytest.param(PLAIN + b"\0", id="bytes after the end"),
        pytest.param(png(), id="no pixels"),
        pytest.param(png(chunk(b"IDAT", b"")), id="empty pixels"),
        pytest.param(png(chunk(b"IDAT", b"no zlib")), id="not compressed"),
        pytest.param(png(chunk(b"IDAT", zlib.compress(bytes(100)))), id="too few pixels"),
        pytest.param(b"", id="empty"),
    ],
)
def test_other_files_are_left_to_pillow(data: bytes) -> None:
    """The fast path returns None for other modes, formats and chunks, and for invalid files."""
    assert decode_grey_png(data, max_pixels=MAX_PIXELS) is None


@pytest.mark.parametrize(("width", "height"), [(0, 28), (28, 29), (2**31, 2**31), (50_000, 50_000)])
def test_a_size_beyond_the_limit_is_left_to_pillow(width: int, height: int) -> None:
    """The fast path returns None for a size over the limit, before it allocates memory."""
    header = struct.pack(">II", width, height) + bytes([8, 0, 0, 0, 0])
    data = png(chunk(b"IDAT", zlib.compress(bytes(10_000))), header=header)

    assert decode_grey_png(data, max_pixels=28 * 28) is None


def test_too_many_chunks_are_left_to_pillow() -> None:
    """A file of 20,000 data chunks is decoded; one of more is left to the check of structure."""
    empty = chunk(b"IDAT", b"")
    data = chunk(b"IDAT", zlib.compress(bytes(28 * 29)))

    assert decode_grey_png(png(*[empty] * 19_999, data), max_pixels=1_000) is not None
    assert decode_grey_png(png(*[empty] * 20_000, data), max_pixels=1_000) is None


def of_rows(rows: bytes) -> bytes:
    """Return a PNG of 28x28 with these rows, each with the byte of its filter."""
    return png(chunk(b"IDAT", zlib.compress(rows)), header=SIZE + bytes([8, 0, 0, 0, 0]))


def random_rows(seed: int, filters: int = 5) -> bytes:
    """Return 28 rows of random bytes, each with one of PNG's filters."""
    rows = np.random.default_rng(seed).integers(0, 256, (28, 29), np.uint8)
    rows[:, 0] %= filters
    return rows.tobytes()


def test_images_of_a_batch_are_decoded_as_alone() -> None:
    """Decoded together, each file gives its own pixels, whatever filters it and its neighbours use.

    Files of another size, with several chunks, damaged or longer ones are left out.
    """
    files = [PLAIN, *(of_rows(random_rows(seed)) for seed in range(20)), PLAIN]
    compressed = zlib.compress(random_rows(0))
    others = [
        as_bytes(27),
        encode(two().convert("RGB")),
        png(chunk(b"IDAT", compressed[:9]), chunk(b"IDAT", compressed[9:])),
        png(chunk(b"IDAT", compressed[:-1])),
        png(chunk(b"IDAT", compressed + b"\0")),
        png(chunk(b"IDAT", b"no zlib")),
        of_rows(random_rows(0) + b"\0"),
        of_rows(random_rows(0)[:-1]),
        of_rows(bytes(8_000_000)),
        PLAIN[:-1],
        PLAIN[:60] + b"\xff" + PLAIN[61:],
        b"",
    ]
    mixed = [one for pair in zip(files, others, strict=False) for one in pair]
    mixed += files[len(others) :]

    places, pixels = decode_mnist_pngs(mixed)

    assert [mixed[place] for place in places] == files
    for data, grey in zip(files, pixels, strict=True):
        assert_array_equal(grey, decode_with_pillow(data))


@pytest.mark.parametrize("files", [[], [b""], [PLAIN, of_rows(bytes([5]) + random_rows(0)[1:])]])
def test_no_image_of_a_batch_is_decoded_beside_an_unknown_filter(files: list[bytes]) -> None:
    """All files are left to the decoding of each alone; a batch without such files gives none."""
    places, pixels = decode_mnist_pngs(files)

    assert places == []
    assert pixels.shape == (0, 28, 28)


def test_a_changed_file_of_a_batch_is_not_read_differently() -> None:
    """A file with a changed byte is left out."""
    changed = [PLAIN[:at] + bytes([PLAIN[at] ^ 0x10]) + PLAIN[at + 1 :] for at in range(len(PLAIN))]

    assert decode_mnist_pngs(changed)[0] == []
