"""Background of transparent images: white, or black if over white there is nothing to see."""

from typing import Literal

from PIL import Image

from model_core.preprocessing.digit.ink import MIN_CONTRAST
from model_core.preprocessing.image_ops.types import Grey8

Background = Literal["white", "black"]

_MODES = {"LA", "PA", "La", "RGBA", "RGBa"}


def is_transparent(image: Image.Image) -> bool:
    """Return whether an image has an alpha channel or a transparent colour."""
    return image.mode in _MODES or "transparency" in image.info


def composite(image: Image.Image, background: Background) -> Image.Image:
    """Return an image over a background of one colour, in mode RGBA."""
    colour = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", colour.size, background), colour)


def has_contrast(grey: Grey8) -> bool:
    """Return whether a picture has enough contrast for preprocessing to find ink in it."""
    return int(grey.max()) - int(grey.min()) >= MIN_CONTRAST
