"""Check of a TIFF file: its tags, and the strips or tiles of its first page.

Source: TIFF 6.0, sections 2, 8 and 15.
"""

from typing import NamedTuple

from app.errors import UnreadableImageError
from app.images.structure.limits import (
    TIFF_BLOCKS,
    TIFF_FIELDS,
    TIFF_FRACTIONS,
    TIFF_NUMBERS,
)
from app.images.structure.tiff_directory import (
    DirectoryLimits,
    Layout,
    check_directories,
    read_fields,
    read_header,
    read_number,
)

_LIMITS = DirectoryLimits(TIFF_FIELDS, TIFF_NUMBERS, TIFF_FRACTIONS)
_WIDTH, _HEIGHT, _COMPRESSION, _SAMPLES, _ROWS, _PLANES = 256, 257, 259, 277, 278, 284
_TILE_WIDTH, _TILE_HEIGHT = 322, 323
_NUMBERS = {_WIDTH, _HEIGHT, _COMPRESSION, _SAMPLES, _ROWS, _PLANES, _TILE_WIDTH, _TILE_HEIGHT}
# Offsets and sizes, of strips and of tiles.
_LISTS = {273, 279, 324, 325}
_NOT_COMPRESSED, _SEPARATE_PLANES = 1, 2


class _Blocks(NamedTuple):
    """Strips or tiles of an image: how many it needs, and how many its tags list."""

    needed: int
    listed: int
    compressed: bool


def check_tiff(tiff: bytes, start: int | None = None) -> None:
    """Count the tags of each directory, the values of each tag, and the strips or tiles.

    ``start`` is the offset of a page's directory; without it, the first page is checked.
    Raises: UnreadableImageError if the file has more of an element than its limit, or if it lists
    more strips or tiles than the image has.
    """
    header = read_header(tiff)
    if header is None:
        return
    layout, first = header
    directory = first if start is None else start
    blocks = _count_blocks(tiff, layout, directory)
    TIFF_BLOCKS.check(max(blocks.needed, blocks.listed))
    check_directories(tiff, layout, directory, _LIMITS)
    # Pillow decodes each block that is listed, and the later ones over the first ones.
    if blocks.listed > blocks.needed and not blocks.compressed:
        raise UnreadableImageError(
            f"image: expected a TIFF of {blocks.needed} strips or tiles, got {blocks.listed}"
        )


def _count_blocks(tiff: bytes, layout: Layout, start: int) -> _Blocks:
    """Return the numbers of strips or tiles of the image in the directory at an offset."""
    numbers: dict[int, int] = {}
    listed = 0
    for number, field in enumerate(read_fields(tiff, layout, start), 1):
        TIFF_FIELDS.check(number)
        if field.tag in _LISTS:
            listed = max(listed, field.values)
        elif field.tag in _NUMBERS and field.tag not in numbers:
            numbers[field.tag] = read_number(tiff, layout, field) or 0
    width, height = numbers.get(_WIDTH, 0), numbers.get(_HEIGHT, 0)
    rows = -(-height // max(1, numbers.get(_ROWS, height)))
    across = -(-width // max(1, numbers.get(_TILE_WIDTH, width)))
    down = -(-height // max(1, numbers.get(_TILE_HEIGHT, height)))
    planes = numbers.get(_SAMPLES, 1) if numbers.get(_PLANES) == _SEPARATE_PLANES else 1
    needed = max(1, rows, across * down) * planes
    return _Blocks(needed, listed, numbers.get(_COMPRESSION, 1) != _NOT_COMPRESSED)
