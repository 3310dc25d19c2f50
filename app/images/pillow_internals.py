"""Pillow's internals: the only file that uses more of it than its documented interface.

``PILLOW_ATTRIBUTES`` lists them for the test that says which one is missing after an upgrade.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

# Each as module and attribute.
PILLOW_ATTRIBUTES = (
    (Image, "core.zip_decoder"),
    (TiffImagePlugin, "TiffImageFile"),
    (TiffImagePlugin, "TILEWIDTH"),
    (TiffImagePlugin, "TILELENGTH"),
)


def decode_png_rows(compressed: bytes, width: int, height: int) -> NDArray[np.uint8]:
    """Return the pixels in the image data of a grey PNG of 8 bits, without interlacing.

    Shapes: (``height``, ``width``) uint8.
    Raises: whatever Pillow's decoder raises for data that is not complete and sound.
    """
    image = Image.frombytes("L", (width, height), compressed, "zip", "L")
    return np.frombuffer(image.tobytes(), np.uint8).reshape(height, width)


def tiff_tile_size(image: Image.Image) -> tuple[int, int]:
    """Return width and height of the tiles of a TIFF; (0, 0) without tiles, or for another type."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return 0, 0
    sides = [
        image.tag_v2.get(tag) for tag in (TiffImagePlugin.TILEWIDTH, TiffImagePlugin.TILELENGTH)
    ]
    width, height = (side if isinstance(side, int) else 0 for side in sides)
    return width, height
