"""Fast path for simple PNG files: 8-bit grey, no interlacing, no chunks except IHDR, IDAT, IEND.

It finds the compressed data and calls Pillow's decoder directly. Pillow's parser, which handles all
other chunks, takes three times as long as the decoding of a small image.
"""

import struct
import zlib

from app.images.pillow_internals import decode_png_rows
from app.images.structure.limits import PNG_CHUNKS
from model_core.preprocessing.image_ops.types import Grey8

# Signature with the start of the IHDR chunk, and the IEND chunk.
_START = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"
_END = b"\0\0\0\0IEND\xaeB`\x82"
_SIZE = struct.Struct(">II")
# IHDR after width and height: bit depth, colour type (grey), compression, filter, interlacing.
_GREY_8_BITS = bytes([8, 0, 0, 0, 0])
_FIRST_IDAT = 33  # offset of the first chunk after IHDR

_CHUNK_HEAD, _CHECKSUM = struct.Struct(">I4s"), struct.Struct(">I")


def decode_grey_png(data: bytes, *, max_pixels: int) -> Grey8 | None:
    """Decode a complete and valid file of this kind; return None for any other file.

    Shapes: (H, W) uint8; an image of more than ``max_pixels`` gives None.
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
    except MemoryError:
        raise
    except Exception:  # Pillow's decoder raises exceptions of several types
        return None


def _read_idat(data: bytes) -> bytes | None:
    """Return the content of the IDAT chunks; None for other, damaged or too many chunks."""
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
        if len(parts) > PNG_CHUNKS.most:
            return None
    return b"".join(parts)


def _checksum_fits(data: bytes, begin: int, end: int) -> bool:
    """Return whether the CRC of a chunk is right; ``begin`` is the offset of the chunk's type."""
    checksum: int = _CHECKSUM.unpack_from(data, end - 4)[0]
    return zlib.crc32(data[begin : end - 4]) == checksum
