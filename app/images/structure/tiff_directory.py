"""Directories (IFD) of TIFF files and EXIF data: reading of their fields, and a check of them.

Source: TIFF 6.0, section 2; for 64-bit offsets the BigTIFF design of libtiff.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from app.images.structure.limits import Limit

# Directories that a field of another directory points to: EXIF, GPS, interoperability.
_DIRECTORY_TAGS = {34665, 34853, 40965}
_MOST_DIRECTORIES = 8

# Size in bytes of a value of each type.
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8}
_TEXT, _FRACTIONS = {1, 2, 7}, {5, 10}
_INTEGERS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q"}


class Layout(NamedTuple):
    """Byte order and width of the numbers of a TIFF file."""

    order: str
    big: bool


class Field(NamedTuple):
    """Field of a directory: tag, type, number of values, and the offset of its value or pointer."""

    tag: int
    type: int
    values: int
    place: int


class DirectoryLimits(NamedTuple):
    """Limits of the fields of a directory."""

    fields: Limit
    numbers: Limit
    fractions: Limit


def read_header(tiff: bytes) -> tuple[Layout, int] | None:
    """Return the layout and the offset of the first directory; None if this is no TIFF."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 16:
        return None
    # Pillow looks at one byte of the version, at the same place for both byte orders.
    layout = Layout(order, tiff[2] == 43)
    place, code = (8, "Q") if layout.big else (4, "I")
    first: int = struct.unpack_from(order + code, tiff, place)[0]
    return layout, first


def page_offsets(tiff: bytes, most: int) -> list[int]:
    """Return the offsets of the directories of a file's pages, at most ``most`` of them."""
    header = read_header(tiff)
    if header is None:
        return []
    layout, start = header
    offsets: list[int] = []
    while start and start not in offsets and len(offsets) < most:
        offsets.append(start)
        start = _next_offset(tiff, layout, start)
    return offsets


def _next_offset(tiff: bytes, layout: Layout, start: int) -> int:
    """Return the offset of the next page's directory, 0 after the last one."""
    head = struct.Struct(layout.order + ("Q" if layout.big else "H"))
    link = struct.Struct(layout.order + ("Q" if layout.big else "I"))
    if start > len(tiff) - head.size:
        return 0
    place = start + head.size + head.unpack_from(tiff, start)[0] * (20 if layout.big else 12)
    offset: int = link.unpack_from(tiff, place)[0] if place <= len(tiff) - link.size else 0
    return offset if offset < len(tiff) else 0


def read_fields(tiff: bytes, layout: Layout, start: int) -> Iterator[Field]:
    """Yield the fields of the directory at an offset, as far as the file has them."""
    count_code, field = ("Q", "HHQ8x") if layout.big else ("H", "HHI4x")
    head, entry = struct.Struct(layout.order + count_code), struct.Struct(layout.order + field)
    if not 0 <= start <= len(tiff) - head.size:
        return
    first = start + head.size
    count = min(head.unpack_from(tiff, start)[0], (len(tiff) - first) // entry.size)
    value = entry.size - (8 if layout.big else 4)
    for place in range(first, first + count * entry.size, entry.size):
        tag, kind, values = entry.unpack_from(tiff, place)
        yield Field(tag, kind, values, place + value)


def read_number(tiff: bytes, layout: Layout, field: Field) -> int | None:
    """Return the first value of a field of whole numbers; None for any other field."""
    code = _INTEGERS.get(field.type)
    if code is None or field.values == 0:
        return None
    place, inline = field.place, 8 if layout.big else 4
    if field.values * _SIZES[field.type] > inline:
        place = struct.unpack_from(layout.order + ("Q" if layout.big else "I"), tiff, place)[0]
    if place > len(tiff) - _SIZES[field.type]:
        return None
    number: int = struct.unpack_from(layout.order + code, tiff, place)[0]
    return number


def check_directories(tiff: bytes, layout: Layout, first: int, limits: DirectoryLimits) -> None:
    """Check the fields of a directory and of the directories that it points to.

    Raises: UnreadableImageError if they have more of an element than its limit.
    """
    numbers = fractions = 0
    places = [first]
    for place in places:
        for count, field in enumerate(read_fields(tiff, layout, place), 1):
            limits.fields.check(count)
            if field.values * _SIZES.get(field.type, 0) > len(tiff):
                continue  # Pillow ignores a field that is longer than the file
            if field.type in _FRACTIONS:
                fractions += field.values
            elif field.type not in _TEXT:
                numbers += field.values
            if field.tag in _DIRECTORY_TAGS and len(places) < _MOST_DIRECTORIES:
                places.append(read_number(tiff, layout, field) or len(tiff))
    limits.numbers.check(numbers)
    limits.fractions.check(fractions)
