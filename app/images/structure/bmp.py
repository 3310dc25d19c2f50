"""Check of a BMP file: its run-length codes, which Pillow decodes in Python.

Source: Microsoft, "Bitmap Compression" (RLE8, RLE4) and BITMAPINFOHEADER.
"""

import struct
from typing import NamedTuple

from app.images.structure.limits import BMP_CODES

# Offset of the pixels, header size, width, height, bits, compression, colours.
_HEADER = struct.Struct("<10xIIii2xHI12xI")
_RLE8, _RLE4 = 1, 2
_END_OF_LINE, _END_OF_BITMAP, _DELTA = 0, 1, 2

# Number of pixels that Pillow fills at the end of a row, and number of pixels of four bits that it
# unpacks, in the time of one code.
_FILLED, _UNPACKED = 4, 8

# Units of an escape: end of line, delta, unencoded pixels.
_ESCAPE = 2


class _Bitmap(NamedTuple):
    """Run-length encoded bitmap: its size, and where its codes begin."""

    width: int
    pixels: int
    start: int
    four_bits: bool


def check_bmp(bmp: bytes) -> None:
    """Count the run-length codes, and the pixels that take a decoder as long as codes.

    Raises: UnreadableImageError if the file has more than the limit.
    """
    bitmap = _read_header(bmp)
    if bitmap is None:
        return
    most_codes = max(0, len(bmp) - bitmap.start) // 2
    if most_codes + bitmap.pixels // _FILLED > BMP_CODES.most:
        BMP_CODES.check(_count_codes(bmp, bitmap))


def _read_header(bmp: bytes) -> _Bitmap | None:
    """Return size and place of a run-length encoded bitmap; None for any other bitmap."""
    if len(bmp) < _HEADER.size:
        return None
    start, size, width, height, bits, compression, colours = _HEADER.unpack_from(bmp)
    if compression not in (_RLE8, _RLE4) or width <= 0:
        return None
    header_end = 14 + size
    if start in (0, header_end):  # Pillow takes the codes from after the palette
        start = header_end + (4 * (colours or 1 << bits) if bits <= 8 else 0)
    return _Bitmap(width, width * abs(height), start, compression == _RLE4)


def _count_codes(bmp: bytes, bitmap: _Bitmap) -> int:
    """Return the number of codes and slow pixels, or any number over the limit.

    One loop with local variables, because a file can have hundreds of thousands of escapes.
    """
    width, pixels, place, four_bits = bitmap
    lanes, end, most = (bmp[::2], bmp[1::2]), len(bmp) - 3, BMP_CODES.most
    units = x = done = 0
    while done < pixels and place < end and units <= most:
        first, value = place // 2, bmp[place + 1]
        unpacked = 0
        if bmp[place]:  # runs up to the next escape; a decoder cuts them off at the end of the row
            lane = lanes[place % 2]
            last = lane.find(0, first, first + most + 1)
            last = last if last >= 0 else min(len(lane), first + most + 1)
            unpacked = min(sum(lane[first:last]), max(0, width - x))
            x += unpacked
            units += last - first
            place += 2 * (last - first)
        elif value == _END_OF_BITMAP:
            break
        elif value == _END_OF_LINE:
            filled = -done % width
            units += _ESCAPE + filled // _FILLED
            done, x, place = done + filled, 0, place + 2
        elif value == _DELTA:
            done += bmp[place + 2] + bmp[place + 3] * width
            units += _ESCAPE
            x, place = done % width, place + 4
        else:
            unpacked = min(value, pixels - done)
            units += _ESCAPE
            x += value
            place += 2 + ((unpacked + 1) // 2 if four_bits else unpacked)
            place += place % 2
        done += unpacked
        units += unpacked // _UNPACKED if four_bits else 0
    return units
