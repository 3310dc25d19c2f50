"""Check of the number of scans in a JPEG file.

A decoder processes the whole image for each scan, and a small file can contain thousands.
Source: ITU-T T.81, annex B.
"""

import re

from app.errors import UnreadableImageError
from app.images.structure.limits import JPEG_SEGMENTS

_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9

# Markers that end entropy-coded data: not a stuffed 00, not a restart, not a reserved code.
_MARKER = re.compile(rb"\xff([\xc0-\xcf\xd8-\xfe])")


def check_scans(jpeg: bytes, max_scans: int) -> None:
    """Count the scans, and all segments, up to the end of the image, without decoding it.

    Raises: UnreadableImageError for more than ``max_scans`` scans, or too many segments.
    """
    scans = segments = 0
    position = 2
    while segments <= JPEG_SEGMENTS.most and (marker := _MARKER.search(jpeg, position)):
        kind, position = marker[1][0], marker.end()
        if kind == _END_OF_IMAGE:
            break
        segments += 1
        scans += kind == _START_OF_SCAN
        if scans > max_scans:
            raise UnreadableImageError(
                f"image: expected a JPEG of at most {max_scans} scans, got more"
            )
        position += max(2, int.from_bytes(jpeg[position : position + 2]))
    JPEG_SEGMENTS.check(segments)
