"""The plainest PNG, as programs send digits: grey, 8 bits, and nothing but pixels.

Pillow's decoder does the work. What takes three times as long as that, its search for what a file
may hold besides, is left out where there is nothing besides.
"""

import struct
import zlib

from app.images.greyscale import Grey8
from app.images.pillow_internals import decode_png_rows

# A file begins with a signature and a header, and ends with an empty chunk.
_START = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"
_END = b"\0\0\0\0IEND\xaeB`\x82"
_SIZE = struct.Struct(">II")
# Behind width and height: bits, colour (grey), compression, filter and no interlacing.
_GREY_8_BITS = bytes([8, 0, 0, 0, 0])
_FIRST_IDAT = 33  # where the chunks with pixels begin, behind the header's checksum

_CHUNK_HEAD, _CHECKSUM = struct.Struct(">I4s"), struct.Struct(">I")


def decode_grey_png(data: bytes, *, max_pixels: int) -> Grey8 | None:
    """Return the pixels of a whole and sound file of this kind; None for any other.

    Shapes: (H, W) uint8, of at most so many pixels.
    Source: PNG specification, third edition, sections 5 and 11.
    """
    if not (data.startswith(_START) and data.endswith(_END) and data[24:29] == _GREY_8_BITS):
        return None
    compressed = _read_idat(data)
    width, height = _SIZE.unpack_from(data, len(_START))
    if not compressed or not 0 < width * height <= max_pixels:
        return None
    try:
        return decode_png_rows(compressed, width, height)
    except Exception:  # a decoder may raise anything for bytes that it was not made for
        return None


def _read_idat(data: bytes) -> bytes | None:
    """Return what is in the chunks with pixels; None if others are there, or one is damaged."""
    if not _checksum_fits(data, 12, _FIRST_IDAT):
        return None
    parts = []
    place, end = _FIRST_IDAT, len(data) - len(_END)
    while place < end:
        length, name = _CHUNK_HEAD.unpack_from(data, place)
        begin, place = place, place + 12 + length
        if name != b"IDAT" or place > end or not _checksum_fits(data, begin + 4, place):
            return None
        parts.append(data[begin + 8 : place - 4])
    return b"".join(parts)


def _checksum_fits(data: bytes, begin: int, end: int) -> bool:
    """Return whether a chunk, from its name on, fits the checksum at its end."""
    checksum: int = _CHECKSUM.unpack_from(data, end - 4)[0]
    return zlib.crc32(data[begin : end - 4]) == checksum
