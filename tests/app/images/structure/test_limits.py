"""Limits of the elements of image files: each is exact, named in the error and in the docs."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from app.errors import UnreadableImageError
from app.images.structure import limits
from app.images.structure.check import check_structure
from app.images.structure.limits import Limit
from tests.support import structures

LIMITS = {name: limit for name, limit in vars(limits).items() if isinstance(limit, Limit)}

# For each limit, a file with exactly the given number of the element.
FILES: dict[str, Callable[[int], bytes]] = {
    "PNG_CHUNKS": structures.png_chunks,
    "PNG_TEXTS": structures.png_texts,
    "PNG_METADATA": structures.png_metadata,
    "JPEG_SEGMENTS": structures.jpeg_segments,
    "JPEG_PADDING": structures.jpeg_padding,
    "JPEG_FILL": structures.jpeg_fill,
    "JPEG_METADATA": structures.jpeg_metadata,
    "JPEG_TABLES": structures.jpeg_tables,
    "GIF_BLOCKS": structures.gif_blocks,
    "GIF_PADDING": structures.gif_padding,
    "GIF_METADATA": structures.gif_metadata,
    "BMP_CODES": structures.bmp_codes,
    "TIFF_BLOCKS": structures.tiff_strips,
    "TIFF_FIELDS": structures.tiff_fields,
    "TIFF_NUMBERS": lambda count: structures.tiff_numbers(count - 8),
    "TIFF_FRACTIONS": structures.tiff_fractions,
    "WEBP_CHUNKS": structures.webp_chunks,
    "WEBP_METADATA": structures.webp_metadata,
    "EXIF_FIELDS": lambda count: structures.png_exif(structures.exif_fields(count)),
    "EXIF_NUMBERS": lambda count: structures.png_exif(structures.exif_numbers(count)),
    "EXIF_FRACTIONS": lambda count: structures.png_exif(structures.exif_fractions(count)),
}


def test_every_limit_has_a_file() -> None:
    """A new limit cannot be added without a file that reaches it."""
    assert set(FILES) == set(LIMITS)


@pytest.mark.parametrize("name", LIMITS)
def test_as_many_as_the_limit_pass(name: str) -> None:
    """A file with exactly as many elements as the limit passes the check."""
    check_structure(FILES[name](LIMITS[name].most))


@pytest.mark.parametrize("name", LIMITS)
def test_one_more_than_the_limit_is_refused(name: str) -> None:
    """A file with one element more is refused; the error names format, limit and element."""
    limit = LIMITS[name]
    sentence = f"image: expected {limit.file} of at most {limit.most} {limit.element}, got more"

    with pytest.raises(UnreadableImageError, match=f"^{re.escape(sentence)}$"):
        check_structure(FILES[name](limit.most + 1))


def test_the_table_of_the_docs_is_complete() -> None:
    """The table of structure limits in docs/operations.md has every limit with its number."""
    page = (Path(__file__).parents[4] / "docs" / "operations.md").read_text()

    for limit in LIMITS.values():
        row = f"| {limit.file.removeprefix('a ')} | {limit.element} | {limit.most:,} |"
        assert row in page
