"""Fast path for simple PNG files: 8-bit grey, no interlacing, no chunks except IHDR, IDAT, IEND.

It finds the compressed data and calls Pillow's decoder directly. Pillow's parser, which handles all
other chunks, takes three times as long as the decoding of a small image. Several images of MNIST's
size are decoded as the rows of one.
"""

import struct
import zlib
from collections.abc import Sequence

import numpy as np

from app.images.pillow_internals import decode_png_rows
from app.images.structure.limits import PNG_CHUNKS
from model_core.preprocessing.image_ops.types import Grey8
from model_core.preprocessing.mnist_format import SIDE

# Signature with the start of the IHDR chunk, and the IEND chunk.
_START = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"
_END = b"\0\0\0\0IEND\xaeB`\x82"
_SIZE = struct.Struct(">II")
# IHDR after width and height: bit depth, colour type (grey), compression, filter, interlacing.
_GREY_8_BITS = bytes([8, 0, 0, 0, 0])
_FIRST_IDAT = 33  # offset of the first chunk after IHDR

_CHUNK_HEAD, _CHECKSUM = struct.Struct(">I4s"), struct.Struct(">I")

# The bytes before the data of an image of MNIST's size, and around the data in a file of one IDAT.
_IHDR = b"IHDR" + _SIZE.pack(SIDE, SIDE) + _GREY_8_BITS
_MNIST_START = _START + _IHDR[4:] + _CHECKSUM.pack(zlib.crc32(_IHDR))
_AROUND_DATA = len(_MNIST_START) + _CHUNK_HEAD.size + _CHECKSUM.size + len(_END)

# A row has a byte for its filter before its pixels. A black one without a filter lies before each
# image, because filters refer to the row above.
_ROW_BYTES = 1 + SIDE
_ROWS_BYTES = SIDE * _ROW_BYTES
_BLACK_ROW = bytes(_ROW_BYTES)


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


def decode_mnist_pngs(files: Sequence[bytes]) -> tuple[list[int], Grey8]:
    """Decode the files of this kind that have MNIST's size and one IDAT chunk, all in one call.

    Returns their places among ``files``, and their pixels. Invalid files are left out; all are if
    one has an unknown filter.
    Shapes: (N, 28, 28) uint8.
    """
    rows = [_decompress_rows(data) for data in files]
    places = [place for place, one in enumerate(rows) if one]
    image = zlib.compress(b"".join([_BLACK_ROW + one for one in rows if one]), 0)
    try:
        pixels = decode_png_rows(image, SIDE, (SIDE + 1) * len(places))
    except MemoryError:
        raise
    except Exception:  # as above, and for no rows
        return [], np.empty((0, SIDE, SIDE), np.uint8)
    return places, pixels.reshape(-1, SIDE + 1, SIDE)[:, 1:].copy()


def _decompress_rows(data: bytes) -> bytes | None:
    """Return the rows of one of these files, each with its filter's byte; None for other files."""
    if not (data.startswith(_MNIST_START) and data.endswith(_END)):
        return None
    length, name = _CHUNK_HEAD.unpack_from(data, _FIRST_IDAT)
    end = len(data) - len(_END)
    if name != b"IDAT" or length != len(data) - _AROUND_DATA:
        return None
    if not _checksum_fits(data, _FIRST_IDAT + 4, end):
        return None
    decompressor = zlib.decompressobj()
    try:
        rows = decompressor.decompress(data[_FIRST_IDAT + 8 : end - 4], _ROWS_BYTES + 1)
    except zlib.error:
        return None
    complete = decompressor.eof and not decompressor.unused_data and len(rows) == _ROWS_BYTES
    return rows if complete else None


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
