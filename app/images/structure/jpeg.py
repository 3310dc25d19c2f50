"""Check of a JPEG file: its scans, and the segments of its header.

Source: ITU-T T.81, annex B.
"""

import re

from app.images.structure.exif import check_exif
from app.images.structure.jpeg_scans import check_scans
from app.images.structure.limits import (
    JPEG_FILL,
    JPEG_METADATA,
    JPEG_PADDING,
    JPEG_SEGMENTS,
    JPEG_TABLES,
)

_START_OF_SCAN, _APP1 = 0xDA, 0xE1

# Huffman tables, arithmetic conditioning, quantisation tables; application data and comments.
_TABLES, _METADATA = {0xC4, 0xCC, 0xDB}, {*range(0xE0, 0xF0), 0xFE}

# Markers of segments with a length, as Pillow reads them; the others have no content.
_WITH_LENGTH = {*range(0xC0, 0xD0), *range(0xDA, 0xE0), *_METADATA} - {0xC8}

# A marker of the header. Fill bytes FF can come before it; FF 00 is no marker.
_MARKER = re.compile(rb"\xff([\x01-\xfe])")

_EXIF = b"Exif\0\0"
_TOO_MUCH_FILL = b"\xff" * (JPEG_FILL.most + 1)


def check_jpeg(jpeg: bytes, max_scans: int) -> None:
    """Count the segments before the first scan, the scans, and fill bytes anywhere.

    Raises: UnreadableImageError if the file has more than ``max_scans`` scans, or more of another
    element than its limit.
    """
    _check_header(jpeg)
    # Pillow hands the file to libjpeg in pieces, and libjpeg reads fill bytes again with each.
    if _TOO_MUCH_FILL in jpeg:
        JPEG_FILL.check(len(_TOO_MUCH_FILL))
    check_scans(jpeg, max_scans)


def _check_header(jpeg: bytes) -> None:
    """Check the segments before the first scan."""
    segments = padding = tables = metadata = 0
    exif = []
    place, kind = 2, 0
    while kind != _START_OF_SCAN and segments <= JPEG_SEGMENTS.most:
        marker = _MARKER.search(jpeg, place, place + JPEG_PADDING.most + 2)
        if marker is None:
            padding += len(jpeg) - place
            break
        kind, start = marker[1][0], marker.end()
        padding += start - 2 - place
        length = int.from_bytes(jpeg[start : start + 2]) if kind in _WITH_LENGTH else 0
        place = start + length if length > 1 else start + 2 * (kind in _WITH_LENGTH)
        segments += 1
        if kind in _TABLES:
            tables += length
        elif kind in _METADATA:
            metadata += length
            if kind == _APP1 and jpeg.startswith(_EXIF, start + 2):
                exif.append(jpeg[start + 8 : place])
    JPEG_SEGMENTS.check(segments)
    JPEG_PADDING.check(padding)
    JPEG_TABLES.check(tables)
    JPEG_METADATA.check(metadata)
    if exif:
        check_exif(b"".join(exif))
