"""Adapter for Pillow's internals; all other files use only its documented interface.

A test checks the attributes in ``PILLOW_ATTRIBUTES`` and names the missing ones after an upgrade.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

# Pairs of module and attribute.
PILLOW_ATTRIBUTES = (
    (Image, "core.zip_decoder"),
    (TiffImagePlugin, "TiffImageFile"),
    (TiffImagePlugin, "TILEWIDTH"),
    (TiffImagePlugin, "TILELENGTH"),
)


def decode_png_rows(compressed: bytes, width: int, height: int) -> NDArray[np.uint8]:
    """Decode the IDAT data of an 8-bit grey PNG without interlacing.

    Shapes: (``height``, ``width``) uint8.
    Raises: exceptions of several types, from Pillow's decoder, for incomplete or invalid data.
    """
    image = Image.frombytes("L", (width, height), compressed, "zip", "L")
    return np.frombuffer(image.tobytes(), np.uint8).reshape(height, width)


def tiff_tile_size(image: Image.Image) -> tuple[int, int]:
    """Return width and height of a TIFF's tiles; (0, 0) without tiles or for another format."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return 0, 0
    sides = [
        image.tag_v2.get(tag) for tag in (TiffImagePlugin.TILEWIDTH, TiffImagePlugin.TILELENGTH)
    ]
    width, height = (side if isinstance(side, int) else 0 for side in sides)
    return width, height
