"""Conversion of opened images to grey: modes, bit depths, transparency, EXIF orientation."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from app.errors import UnreadableImageError
from model_core.preprocessing.image_ops.types import Grey8

# Large images are converted in strips of this many pixels, to bound the memory of intermediates.
_STRIP_PIXELS = 2**18

# Keys of `Image.info` that can hold an EXIF orientation (a TIFF has it in its tags). Without one of
# them `getexif` is not called: for a small PNG it would take much of the decoding time.
_EXIF_KEYS = {"exif", "Raw profile type exif", "xmp", "XML:com.adobe.xmp"}

# Transformation for each EXIF orientation; 1 and invalid values need none.
_ORIENTATIONS: dict[Any, Callable[[Grey8], Grey8]] = {
    2: np.fliplr,
    3: lambda grey: np.rot90(grey, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda grey: np.rot90(grey, -1),
    7: lambda grey: np.rot90(grey, 2).T,
    8: np.rot90,
}


def to_grey(image: Image.Image) -> Grey8:
    """Decode an opened image to grey: orientation applied, transparency over white.

    Shapes: (H, W) uint8. The values of an 8-bit grey image are not changed.
    Raises: UnreadableImageError if the image data is truncated or corrupt.
    """
    try:
        image.load()
        return _apply_orientation(_convert(image), image)
    except MemoryError:  # not the fault of the file
        raise
    except Exception as error:  # Pillow's decoders raise exceptions of many types
        raise UnreadableImageError(
            f"image: expected a complete {image.format} file, got one that cannot be decoded "
            f"({type(error).__name__})"
        ) from None


def _apply_orientation(grey: Grey8, image: Image.Image) -> Grey8:
    """Apply the EXIF orientation; an invalid EXIF block is ignored."""
    if image.format != "TIFF" and _EXIF_KEYS.isdisjoint(image.info):
        return grey
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
        return _ORIENTATIONS[orientation](grey) if orientation in _ORIENTATIONS else grey
    except MemoryError:
        raise
    except Exception:
        return grey


def _convert(image: Image.Image) -> Grey8:
    """Convert an image of any mode to 8-bit grey, transparency over white."""
    convert = _convert_narrow
    if image.mode.startswith(("I", "F")):
        convert = partial(_convert_wide, white=_white_value(image))
    if image.width * image.height <= _STRIP_PIXELS:
        return convert(image)
    grey = np.empty((image.height, image.width), np.uint8)
    for left, top, right, bottom in _strip_boxes(image):
        grey[top:bottom, left:right] = convert(image.crop((left, top, right, bottom)))
    return grey


def _strip_boxes(image: Image.Image) -> Iterator[tuple[int, int, int, int]]:
    """Yield boxes (left, top, right, bottom) of at most _STRIP_PIXELS that cover the image."""
    rows = max(1, _STRIP_PIXELS // image.width)
    for top in range(0, image.height, rows):
        for left in range(0, image.width, _STRIP_PIXELS):
            right, bottom = min(left + _STRIP_PIXELS, image.width), min(top + rows, image.height)
            yield left, top, right, bottom


def _convert_narrow(image: Image.Image) -> Grey8:
    """Convert an image of at most 8 bits per channel to grey, transparency over white."""
    if image.mode in ("LA", "PA", "La", "RGBA", "RGBa") or "transparency" in image.info:
        colour = image.convert("RGBA")
        white = Image.new("RGBA", colour.size, "white")
        return np.asarray(Image.alpha_composite(white, colour).convert("L"))
    return np.asarray(image if image.mode == "L" else image.convert("L"))


def _white_value(image: Image.Image) -> int:
    """Return the white level of a 16-bit, 32-bit or float image, from its mode and maximum."""
    if image.mode.startswith("I;16"):
        return 65535
    largest = max(_values(image.crop(box)).max() for box in _strip_boxes(image))
    if largest > 255:
        return 65535
    return 1 if image.mode == "F" and largest <= 1 else 255


def _values(image: Image.Image) -> NDArray[np.float64]:
    return np.nan_to_num(np.asarray(image).astype(np.float64))


def _convert_wide(image: Image.Image, white: int) -> Grey8:
    """Convert a 16-bit, 32-bit or float grey image to 8 bits, transparency over white."""
    grey = np.clip(np.rint(_values(image) * (255 / white)), 0, 255).astype(np.uint8)
    if "transparency" in image.info:
        grey[np.asarray(image) == image.info["transparency"]] = 255
    return grey
