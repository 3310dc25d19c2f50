"""Background of transparent images: white, or black for light ink, which white makes invisible."""

from typing import Literal

from PIL import Image

from model_core.preprocessing.digit.ink import MIN_CLEAR_CONTRAST
from model_core.preprocessing.image_ops.types import Grey8

Background = Literal["white", "black"]

# How many times the contrast over white that over black must be. Chosen so that dark ink that is
# nearly transparent, and grey ink, are over white: they have no more contrast over black.
_MIN_RATIO = 4

_MODES = {"LA", "PA", "La", "RGBA", "RGBa"}


def is_transparent(image: Image.Image) -> bool:
    """Return whether an image has an alpha channel or a transparent colour."""
    return image.mode in _MODES or "transparency" in image.info


def composite(image: Image.Image, background: Background) -> Image.Image:
    """Return an image over a background of one colour, in mode RGBA."""
    colour = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", colour.size, background), colour)


def is_clear(grey: Grey8) -> bool:
    """Return whether a picture over white has so much contrast that white need not be doubted."""
    return contrast(grey) >= MIN_CLEAR_CONTRAST


def shows_more(over_black: Grey8, over_white: Grey8) -> bool:
    """Return whether the ink of a picture that is faint over white is clear over black."""
    return contrast(over_black) >= max(MIN_CLEAR_CONTRAST, _MIN_RATIO * contrast(over_white))


def contrast(grey: Grey8) -> int:
    """Return the difference between the lightest and the darkest pixel, in grey levels."""
    return int(grey.max()) - int(grey.min())
