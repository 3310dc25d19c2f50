"""Adapter for Pillow's internals; all other files use only its documented interface.

A test has the list of the attributes, and names the missing ones after an upgrade.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin, _imaging

# What a decoder returns at the end of an image: no more bytes wanted, no error.
_COMPLETE = (-1, 0)


def decode_png_rows(compressed: bytes, width: int, height: int) -> NDArray[np.uint8]:
    """Decode the IDAT data of an 8-bit grey PNG without interlacing.

    The decoder writes into the result; `Image.frombytes` and `tobytes` take twice as long as it.
    Shapes: (``height``, ``width``) uint8.
    Raises: exceptions of several types, from Pillow's decoder, for incomplete or invalid data.
    """
    pixels = bytearray(width * height)
    size = (width, height)
    image = _imaging.map_buffer(pixels, size, "raw", 0, ("L", width, 1))
    decoder = _imaging.zip_decoder("L", "L", 0)
    decoder.setimage(image, (0, 0, *size))
    if decoder.decode(compressed) != _COMPLETE:
        raise ValueError("PNG: expected all rows, got fewer or invalid ones")
    return np.frombuffer(pixels, np.uint8).reshape(height, width)


def tiff_tile_size(image: Image.Image) -> tuple[int, int]:
    """Return width and height of a TIFF's tiles; (0, 0) without tiles or for another format."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return 0, 0
    sides = [
        image.tag_v2.get(tag) for tag in (TiffImagePlugin.TILEWIDTH, TiffImagePlugin.TILELENGTH)
    ]
    width, height = (side if isinstance(side, int) else 0 for side in sides)
    return width, height
