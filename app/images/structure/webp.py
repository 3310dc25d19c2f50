"""Check of a WebP file: its chunks, those of its frames included.

Source: RFC 9649, section 2.
"""

import struct

from app.images.structure.exif import check_exif
from app.images.structure.limits import WEBP_CHUNKS, WEBP_METADATA

_HEAD = struct.Struct("<4sI")
_FIRST_CHUNK = 12
_FRAME_HEADER = 16
_METADATA = {b"EXIF", b"XMP ", b"ICCP"}


def check_webp(webp: bytes) -> None:
    """Count the chunks, and check EXIF data.

    Raises: UnreadableImageError if the file has more of an element than its limit.
    """
    chunks = metadata = 0
    place, last = _FIRST_CHUNK, len(webp) - _HEAD.size
    while place <= last and chunks <= WEBP_CHUNKS.most:
        name, length = _HEAD.unpack_from(webp, place)
        chunks += 1
        place += _HEAD.size
        metadata += length if name in _METADATA else 0
        if name == b"EXIF":
            check_exif(webp[place : place + length])
        # The chunks of a frame are counted, too.
        place += _FRAME_HEADER if name == b"ANMF" else length + length % 2
    WEBP_CHUNKS.check(chunks)
    WEBP_METADATA.check(metadata)
