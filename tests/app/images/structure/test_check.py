"""Check of the structure: correct pictures of all sizes pass, and nothing is hidden from it."""

import struct
from collections.abc import Callable
from contextlib import suppress
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.errors import UnreadableImageError
from app.images.decoder import open_image
from app.images.greyscale import to_grey
from app.images.structure.check import check_structure
from tests.support import structures
from tests.support.mutations import corpus
from tests.support.pictures import encode, two

_LONG_ROW = b"\xff\1" * 99 + b"\0\0"
_FRACTIONS = structures.exif_fractions(5_000)

# Files that take Pillow seconds without the check; each has some millions of small elements.
SLOW = {
    "JPEG of comments": lambda: structures.jpeg_segments(4_000_000),
    "JPEG of fill bytes": lambda: structures.jpeg_padding(15_000_000),
    "JPEG of other bytes": lambda: structures.jpeg_with(bytes(15_000_000)),
    "JPEG of restart markers": lambda: structures.jpeg_with(b"\xff\xd0" * 8_000_000),
    "JPEG of tables": lambda: structures.jpeg_tables(15_000_000),
    "PNG of chunks": lambda: structures.png_chunks(1_000_000),
    "PNG of empty data": lambda: structures.png_empty_data(1_000_000),
    "PNG of profiles": lambda: structures.png_texts(2_000),
    "GIF of comment blocks": lambda: structures.gif_blocks(8_000_000),
    "GIF of other bytes": lambda: structures.gif_padding(15_000_000),
    "GIF of extensions": lambda: structures.gif_with(b"!\xf9\4\0\0\0\0\0" * 2_000_000),
    "BMP of runs": lambda: structures.bmp_codes(8_000_000),
    "BMP of deltas": lambda: structures.bmp_deltas(4_000_000),
    "BMP of short rows": lambda: structures.bmp(25_000, 1_000, b"\1\1\0\0" * 1_000),
    "BMP of four bits": lambda: structures.bmp(25_000, 900, _LONG_ROW * 900, four_bits=True),
    "TIFF of strips": lambda: structures.tiff_strips(2_000_000, kind=1),
    "TIFF of fractions": lambda: structures.tiff_fractions(1_000_000),
    "WebP of chunks": lambda: structures.webp_chunks(2_000_000),
}


@pytest.mark.parametrize("name", SLOW)
def test_slow_files_are_refused_early(name: str) -> None:
    """A file of millions of elements is refused, in a small part of the time of decoding it."""
    file = SLOW[name]()
    began = process_time()

    with pytest.raises(UnreadableImageError, match=r"expected .* of at most \d+ .*, got more"):
        open_image(file, max_pixels=25_000_000)
    assert process_time() - began < 1


@pytest.mark.parametrize("name", corpus())
def test_correct_pictures_pass(name: str) -> None:
    """Usual pictures of every format and layout pass the check."""
    check_structure(corpus()[name])


@pytest.mark.parametrize("count", range(0, 31, 5))
@pytest.mark.parametrize("file", corpus().values(), ids=list(corpus()))
def test_truncated_pictures_pass(file: bytes, count: int) -> None:
    """The check reads no byte beyond the end of a file; a decoder finds out what is missing."""
    check_structure(file[:count])


@given(start=st.sampled_from([file[:24] for file in corpus().values()]), rest=st.binary())
def test_any_bytes_pass_or_are_refused(start: bytes, rest: bytes) -> None:
    """The check of arbitrary bytes after a signature ends without an error of another type."""
    with suppress(UnreadableImageError):
        check_structure(start + rest)


@pytest.mark.parametrize(
    "contain", [structures.jpeg_exif, structures.png_exif, structures.webp_exif]
)
def test_exif_is_checked_in_every_format(contain: Callable[[bytes], bytes]) -> None:
    """EXIF data with too many fractions is refused in a JPEG, a PNG and a WebP."""
    with pytest.raises(UnreadableImageError, match="expected EXIF data of at most 4096 fractions"):
        check_structure(contain(_FRACTIONS))


@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0", b"Exif\0\0Exif\0\0"])
def test_a_prefix_does_not_hide_exif(prefix: bytes) -> None:
    """EXIF data is checked after as many prefixes as Pillow removes."""
    with pytest.raises(UnreadableImageError, match="EXIF data"):
        check_structure(structures.webp_exif(prefix + _FRACTIONS))


def test_a_second_directory_is_checked() -> None:
    """The EXIF directory that the first directory points to is checked as well."""
    exif = structures.exif_in_exif(structures.exif_fractions, 5_000)

    with pytest.raises(UnreadableImageError, match="4096 fractions"):
        check_structure(structures.png_exif(exif))


def test_fractions_of_several_tags_are_added() -> None:
    """Many tags with few fractions each cost as much as one with many."""
    tags: list[structures.Field] = [
        (tag, 5, 100, b"\1\0\0\0\3\0\0\0" * 100) for tag in range(40_000, 40_050)
    ]

    with pytest.raises(UnreadableImageError, match="4096 fractions"):
        check_structure(structures.tiff(tags))


def test_a_directory_that_points_to_itself_ends() -> None:
    """A directory whose EXIF pointer leads to itself is read a few times, not for ever."""
    tiff = structures.tiff([*structures.grey_fields(), (273, 4, 1, 8), (34665, 4, 1, 792)])

    check_structure(tiff)


def test_rows_of_a_tiff_without_a_list_are_counted() -> None:
    """A TIFF that lists few strips, but has many by its size, is refused: libtiff makes them."""
    fields = structures.grey_fields(width=1, height=20_000_000, rows=1, compression=8)

    with pytest.raises(UnreadableImageError, match="100000 strips or tiles"):
        check_structure(structures.tiff([*fields, (273, 4, 1, 8), (279, 4, 1, 8)], bytes(8)))


def test_a_tiff_of_more_strips_than_rows_is_refused() -> None:
    """Surplus strips of an uncompressed TIFF would be decoded over the first ones."""
    fields = structures.grey_fields(height=28, rows=27)
    strips = (273, 4, 1_000, b"\x08\0\0\0" * 1_000)

    with pytest.raises(
        UnreadableImageError, match="expected a TIFF of 2 strips or tiles, got 1000"
    ):
        check_structure(structures.tiff([*fields, strips], bytes(784)))


def test_tiles_of_all_planes_are_expected() -> None:
    """An image in separate planes has its strips once for each sample."""
    fields = [field for field in structures.grey_fields(rows=14) if field[0] not in (262, 277)]
    planes: list[structures.Field] = [
        (262, 3, 1, 2),
        (277, 3, 1, 3),
        (284, 3, 1, 2),
        (273, 4, 6, b"\x08\0\0\0" * 6),
    ]

    check_structure(structures.tiff([*fields, *planes], bytes(784)))


def test_the_first_value_of_several_counts() -> None:
    """Pillow takes the first of several heights; the check takes the same one."""
    fields = [field for field in structures.grey_fields(width=1, rows=1) if field[0] != 257]
    height = (257, 4, 2, struct.pack("<II", 1_000_000, 1))

    with pytest.raises(UnreadableImageError, match="100000 strips"):
        check_structure(structures.tiff([*fields, height, (273, 4, 1, 8)], bytes(8)))


@pytest.mark.parametrize("first", [b"!\1\0", b"!\xff\x0bNETSCAPE2.0\0"])
def test_an_empty_block_does_not_hide_others(first: bytes) -> None:
    """Pillow reads on after an empty first block, into what looks like a frame; so do we."""
    with pytest.raises(UnreadableImageError, match="65536 data blocks"):
        check_structure(structures.gif_with(first + b"\x2c" + bytes(44) + b"\1a" * 70_000))


def test_chunks_in_the_frames_of_a_webp_are_counted() -> None:
    """The chunks of an animation's frames are counted like others."""
    chunks = b"\0" * 16 + b"abcd\0\0\0\0" * 30_000
    frame = b"ANMF" + struct.pack("<I", len(chunks)) + chunks

    with pytest.raises(UnreadableImageError, match="20000 chunks"):
        check_structure(structures.webp_with(frame))


def test_segments_between_scans_are_counted() -> None:
    """Segments after the first scan are counted as well as those before it."""
    jpeg = encode(two(), "JPEG", progressive=True)
    last = jpeg.rindex(b"\xff\xda")

    with pytest.raises(UnreadableImageError, match="expected a JPEG of at most 4096 segments"):
        check_structure(jpeg[:last] + structures.jpeg_segment(0xFE, b"") * 4_096 + jpeg[last:])


def test_scan_markers_in_other_data_are_not_counted() -> None:
    """Two bytes that look like a scan, in a comment and after the image, are no scans."""
    comment = structures.jpeg_segment(0xFE, b"\xff\xda" * 100)

    check_structure(structures.jpeg_with(comment) + b"\xff\xda" * 100)


# Run-length codes of a row of 28 pixels: one run, short runs with a delta, unencoded pixels.
_ROWS = [b"\x1c\7\0\0", b"\5\1\0\2\3\0\5\2\0\0", b"\0\3abc\0\4\5\0\0", b"\xff\1\0\0"]


@given(rows=st.lists(st.sampled_from(_ROWS), min_size=1, max_size=28), surplus=st.binary())
def test_codes_are_counted_as_pillow_reads_them(rows: list[bytes], surplus: bytes) -> None:
    """Counting ends where Pillow's decoder ends: at the end code, whatever follows."""
    codes = b"".join(rows) + b"\0\1"
    file = structures.bmp(28, 28, codes + surplus + b"\0\2\0\0" * 600_000)

    check_structure(file)


# Format and options of programs' usual settings.
LARGE: dict[str, tuple[str, dict[str, Any]]] = {
    "PNG": ("PNG", {"compress_level": 1}),
    "GIF": ("GIF", {}),
    "BMP": ("BMP", {}),
    "TIFF in strips of one row": ("TIFF", {"strip_size": 1}),
    "TIFF, compressed": ("TIFF", {"compression": "tiff_lzw"}),
    "JPEG with restarts": ("JPEG", {"restart_marker_rows": 1}),
    "JPEG, progressive": ("JPEG", {"progressive": True}),
    "WebP": ("WEBP", {"method": 0}),
}


@pytest.mark.parametrize("name", LARGE)
def test_large_pictures_pass(name: str) -> None:
    """Pictures of 25 million pixels pass, with the settings that programs usually write."""
    kind, options = LARGE[name]

    check_structure(encode(Image.new("L", (5_000, 5_000)), kind, **options))


@pytest.mark.parametrize("compression", [1, 5])
def test_the_smallest_tiles_pass(compression: int) -> None:
    """25 million pixels in tiles of 16x16, the smallest ones of the standard, pass."""
    fields = structures.grey_fields(5_000, 5_000, compression=compression)
    tiles: list[structures.Field] = [(322, 3, 1, 16), (323, 3, 1, 16)]
    places = (324, 4, 313 * 313, bytes(4 * 313 * 313))

    check_structure(structures.tiff([*fields, *tiles, places]))


def test_a_photo_with_much_metadata_is_decoded() -> None:
    """A JPEG with a thumbnail, EXIF, XMP, a colour profile and a large second image is decoded."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a" * 50_000
    app2 = structures.jpeg_segment(0xE2, b"ICC_PROFILE\0\1\1" + bytes(60_000)) * 4
    photo = encode(two(40), "JPEG", exif=exif, xmp=bytes(50_000), progressive=True)

    image = open_image(photo[:2] + app2 + photo[2:] + photo, max_pixels=10_000)

    assert to_grey(image).shape == (40, 40)
