"""Conversion of opened images to grey: modes, bit depths, background, colours, orientation."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from app.errors import UnreadableImageError
from app.images.background import Background, composite, is_clear, is_transparent, shows_more
from app.images.contrast_axis import Axis, find_axis, is_faint, sample
from model_core.preprocessing.image_ops.types import Grey8
from model_core.preprocessing.steps import Decoding, Step

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
    5: lambda grey: np.swapaxes(grey, 0, 1),
    6: lambda grey: np.rot90(grey, -1),
    7: lambda grey: np.swapaxes(np.rot90(grey, 2), 0, 1),
    8: np.rot90,
}


# Modes of Pillow without colours, with and without an alpha channel.
GREY_MODES = {"1", "L", "LA", "La"}

# Converts an image, or a part of it, to grey.
_Convert = Callable[[Image.Image], Grey8]


def to_grey(image: Image.Image) -> Grey8:
    """Decode an opened image to grey; see ``to_grey_with_steps``."""
    return to_grey_with_steps(image)[0]


def to_grey_with_steps(
    image: Image.Image, reopen: Callable[[], Image.Image] | None = None
) -> tuple[Grey8, tuple[Step, ...]]:
    """Decode an opened image to grey, orientation applied; return the steps that were unusual.

    Transparency is over white, or over black where light ink would hardly be seen. Colours are
    converted to their brightness, or to the axis of most contrast where that has too little.
    ``reopen`` opens an image again, in colour, that was opened in grey to save time.
    Shapes: (H, W) uint8. The values of an 8-bit grey image are not changed.
    Raises: UnreadableImageError if the image data is truncated or corrupt.
    """
    try:
        image.load()
        grey, steps = _convert(image)
        if not steps and (reopen or _has_colours(image)) and is_faint(grey):
            grey, steps = _convert_colours(reopen() if reopen else image, grey)
        return apply_orientation(grey, image), steps
    except MemoryError:  # not the fault of the file
        raise
    except Exception as error:  # Pillow's decoders raise exceptions of many types
        raise UnreadableImageError(
            f"image: expected a complete {image.format} file, got one that cannot be decoded "
            f"({type(error).__name__})"
        ) from None


def apply_orientation(grey: Grey8, image: Image.Image) -> Grey8:
    """Apply the EXIF orientation to pixels, (H, W) or (H, W, 3); ignore an invalid EXIF block."""
    if image.format != "TIFF" and _EXIF_KEYS.isdisjoint(image.info):
        return grey
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
        return _ORIENTATIONS[orientation](grey) if orientation in _ORIENTATIONS else grey
    except MemoryError:
        raise
    except Exception:
        return grey


def _has_colours(image: Image.Image) -> bool:
    return not (image.mode in GREY_MODES or is_wide(image))


def is_wide(image: Image.Image) -> bool:
    """Return whether an image has more than 8 bits per channel."""
    return image.mode.startswith(("I", "F"))


def _convert(image: Image.Image) -> tuple[Grey8, tuple[Step, ...]]:
    """Convert an image of any mode to 8-bit grey by its brightness, over white or black."""
    convert: Callable[..., Grey8] = _convert_narrow
    if is_wide(image):
        convert = partial(_convert_wide, white=_white_value(image))
    grey = _in_strips(image, partial(convert, background="white"))
    if is_transparent(image) and not is_clear(grey):
        over_black = _in_strips(image, partial(convert, background="black"))
        if shows_more(over_black, grey):
            return over_black, (Decoding.PLACED_ON_BLACK,)
    return grey, ()


def _convert_colours(image: Image.Image, grey: Grey8) -> tuple[Grey8, tuple[Step, ...]]:
    """Convert an image along its axis of most contrast; return ``grey`` if there is none."""
    image.load()
    axis = find_axis(_to_rgb(sample(image)))
    if axis is None:
        return grey, ()
    return _in_strips(image, partial(_project, axis=axis)), (Decoding.USED_COLOURS,)


def _in_strips(image: Image.Image, convert: _Convert) -> Grey8:
    """Convert an image in strips, if it is large."""
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


def _convert_narrow(image: Image.Image, background: Background) -> Grey8:
    """Convert an image of at most 8 bits per channel to grey by its brightness."""
    if is_transparent(image):
        image = composite(image, background)
    return np.asarray(image if image.mode == "L" else image.convert("L"))


def _to_rgb(image: Image.Image) -> Image.Image:
    """Convert an image of at most 8 bits per channel to RGB, transparency over white."""
    return (composite(image, "white") if is_transparent(image) else image).convert("RGB")


def _project(image: Image.Image, axis: Axis) -> Grey8:
    """Convert an image to grey along an axis of its colours."""
    return np.asarray(_to_rgb(image).convert("L", axis))


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


def _convert_wide(image: Image.Image, background: Background, white: int) -> Grey8:
    """Convert a 16-bit, 32-bit or float grey image to 8 bits."""
    grey = np.clip(np.rint(_values(image) * (255 / white)), 0, 255).astype(np.uint8)
    if "transparency" in image.info:
        filling = 255 if background == "white" else 0
        grey[np.asarray(image) == image.info["transparency"]] = filling
    return grey
