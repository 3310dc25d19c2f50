"""From a grey picture of any size to MNIST's form."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_core.errors import ShapeError
from model_core.preprocessing.resample import resample

SIDE = 28
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Normalised:
    """A picture in MNIST's form, (28, 28) uint8, and what was done to get there, in words."""

    pixels: Pixels
    steps: tuple[str, ...]


def normalise(pixels: Pixels) -> Normalised:
    """Bring a grey picture to light ink on black, 28x28.

    Shapes: ``pixels`` (H, W) uint8, H and W at least 1 -> (28, 28) uint8.
    What is 28x28 with a dark border already passes through unchanged, bit for bit.
    Raises: ShapeError for anything but two axes that are not empty.
    """
    _check(pixels)
    if _background(pixels) <= 127:
        return resize(pixels)
    resized = resize(255 - pixels)
    return Normalised(resized.pixels, ("inverted", *resized.steps))


def resize(pixels: Pixels) -> Normalised:
    """Scale a grey picture into 28x28, centred, its sides in proportion; nothing else.

    Shapes and errors: as ``normalise``. The margin has the grey level of the picture's border.
    """
    _check(pixels)
    if pixels.shape == (SIDE, SIDE):
        return Normalised(pixels, ())
    height, width = (max(1, round(SIDE * side / max(pixels.shape))) for side in pixels.shape)
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    result = np.full((SIDE, SIDE), _background(pixels), np.uint8)
    result[top : top + height, left : left + width] = resample(pixels, (height, width))
    was = f"{pixels.shape[1]}x{pixels.shape[0]}"
    return Normalised(result, (f"scaled from {was} to {width}x{height}",))


def _background(pixels: Pixels) -> int:
    """Return the median grey level along the border."""
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    return int(np.median(border, overwrite_input=True))  # it is a copy, and may be long


def _check(pixels: Pixels) -> None:
    if pixels.ndim != 2 or not pixels.size:
        raise ShapeError(f"pixels: expected shape (H, W), neither of them 0, got {pixels.shape}")
