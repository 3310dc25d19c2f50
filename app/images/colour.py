"""Conversion of opened images to arrays in colour, for sheets, whose rules can have a colour."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.errors import UnreadableImageError
from app.images.background import composite, is_transparent
from app.images.greyscale import GREY_MODES, apply_orientation, is_wide, to_grey

Picture = NDArray[np.uint8]


def to_picture(image: Image.Image) -> Picture:
    """Decode an opened image to RGB, or to grey if it has no colours, orientation applied.

    Transparency is over white. Shapes: (H, W, 3) or (H, W) uint8.
    Raises: UnreadableImageError if the image data is truncated or corrupt.
    """
    if image.mode in GREY_MODES or is_wide(image):
        return to_grey(image)
    try:
        image.load()
        over_white = composite(image, "white") if is_transparent(image) else image
        if over_white.mode != "RGB":  # Pillow copies a picture that it need not convert
            over_white = over_white.convert("RGB")
        return apply_orientation(np.asarray(over_white), image)
    except MemoryError:  # not the fault of the file
        raise
    except Exception as error:  # Pillow's decoders raise exceptions of many types
        raise UnreadableImageError(
            f"image: expected a complete {image.format} file, got one that cannot be decoded "
            f"({type(error).__name__})"
        ) from None
