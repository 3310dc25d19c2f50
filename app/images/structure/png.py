"""Check of a PNG file: its chunks, and the chunks that expand to metadata.

Source: PNG specification, third edition, sections 5 and 11.
"""

import struct

from app.images.structure.exif import check_exif
from app.images.structure.limits import PNG_CHUNKS, PNG_METADATA, PNG_TEXTS

_HEAD = struct.Struct(">I4s")
_FIRST_CHUNK = 8

# Pillow decompresses each of the texts to 1 MB at most.
_TEXTS = {b"iCCP", b"iTXt", b"zTXt"}
_METADATA = {*_TEXTS, b"tEXt", b"eXIf"}


def check_png(png: bytes) -> None:
    """Count the chunks up to the end of the image.

    Raises: UnreadableImageError if the file has more of an element than its limit.
    """
    chunks = texts = metadata = 0
    place, last = _FIRST_CHUNK, len(png) - _HEAD.size
    while place <= last and chunks <= PNG_CHUNKS.most:
        length, name = _HEAD.unpack_from(png, place)
        chunks += 1
        if name == b"IEND":
            break
        if name in _METADATA:
            metadata += length
            texts += name in _TEXTS
            if name == b"eXIf":
                check_exif(png[place + _HEAD.size : place + _HEAD.size + length])
        place += length + 12
    PNG_CHUNKS.check(chunks)
    PNG_TEXTS.check(texts)
    PNG_METADATA.check(metadata)
