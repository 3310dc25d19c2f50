"""From a grey picture of any size to MNIST's form."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model_core.errors import ShapeError
from model_core.preprocessing.bands import even_out, find_bands
from model_core.preprocessing.form import SIDE, is_mnist_form
from model_core.preprocessing.ink import Ink, find_digit, find_ink, is_ink
from model_core.preprocessing.noise import median_filter
from model_core.preprocessing.place import place, saturate, scale
from model_core.preprocessing.polarity import is_light_on_dark
from model_core.preprocessing.reduce import reduce
from model_core.preprocessing.resample import resample
from model_core.preprocessing.view import View, box, closer

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Normalised:
    """A picture in MNIST's form, (28, 28) uint8, and what was done to get there, in words."""

    pixels: Pixels
    steps: tuple[str, ...]


def normalise(pixels: Pixels) -> Normalised:
    """Bring a grey picture to MNIST's form: light ink on black, 20x20, centred by mass in 28x28.

    Shapes: ``pixels`` (H, W) uint8, H and W at least 1 -> (28, 28) uint8.
    What has MNIST's form already passes through unchanged, bit for bit. A picture and its negative
    give the same. A picture without ink gives black.
    Raises: ShapeError for anything but two axes that are not empty.
    """
    _check(pixels)
    if is_mnist_form(pixels):
        return Normalised(pixels, ())
    if pixels.shape == (SIDE, SIDE) and is_mnist_form(255 - pixels):
        return Normalised(255 - pixels, ("inverted",))
    return _look(_upright(pixels))


def _upright(pixels: Pixels) -> View:
    """Return a view with light ink, without the bands along the border.

    A picture and its negative are first made the same: the one whose first pixel is dark.
    """
    inverted = bool(pixels[0, 0] > 127)
    grey, block = reduce(pixels, negative=inverted)
    bands = find_bands(grey)
    inner = grey[bands[0].inner, bands[1].inner] if bands else grey
    if not is_light_on_dark(inner):
        inverted, grey = not inverted, 255 - grey
        bands = (bands[0].negative(), bands[1].negative()) if bands else None
    view = View(pixels, grey, block, inverted, ("inverted",) if inverted else ())
    if bands is None:
        return view
    rows, columns = bands
    evened, across = even_out(grey, columns)
    within = columns.inner
    turned, down = even_out(evened[:, within].T, rows)
    evened[:, within] = turned.T
    count = rows.sides() + columns.sides()
    return (
        replace(view, grey=evened)
        .crop(down, across)
        .with_step(f"removed {_count(count, 'line')} at the border")
    )


def _look(view: View) -> Normalised:
    """Find the digit in a view, more closely if it is small, and place it."""
    ink = find_ink(view.grey)
    if ink is None:
        return _nothing(view)
    if ink.uneven:
        view = view.with_step("evened out the background")
    digit = find_digit(ink)
    if digit.noisy and "removed noise" not in view.steps:
        return _look(replace(view, grey=median_filter(view.grey)).with_step("removed noise"))
    if not digit.mask.any():
        return _nothing(view)
    near = closer(view, digit.mask)
    if near is not None:
        return _look(near)
    if not is_ink(ink.contrast, digit.mask):
        return _nothing(view)
    if digit.strokes:
        view = view.with_step(f"removed {_count(digit.strokes, 'stroke')} beside the digit")
    if digit.specks:
        view = view.with_step(f"removed {_count(digit.specks, 'speck')}")
    return _place(view, ink, digit.mask)


def _place(view: View, ink: Ink, mask: Mask) -> Normalised:
    """Scale and place the digit, with the faint edges of its strokes."""
    rows, columns = box(mask)
    shares = saturate(np.where(_grow(mask), ink.contrast, 0), ink.contrast[mask])
    scaled = scale(shares[rows, columns])
    height, width = (
        min(side, (part.stop - part.start) * view.block)
        for part, side in zip((rows, columns), view.pixels.shape, strict=True)
    )
    was = f"{width}x{height}"
    if (height, width) != view.pixels.shape or view.crop(
        rows, columns
    ).pixels.size < view.pixels.size:
        view = view.with_step(f"cropped to {was}")
    view = view.with_step(f"scaled from {was} to {scaled.shape[1]}x{scaled.shape[0]}")
    return Normalised(place(scaled), view.steps)


def _nothing(view: View) -> Normalised:
    return Normalised(np.zeros((SIDE, SIDE), np.uint8), (*view.steps, "found no ink"))


def _grow(mask: Mask) -> Mask:
    """Return a mask with one pixel more all around."""
    padded = np.zeros((mask.shape[0] + 2, mask.shape[1] + 2), np.bool_)
    padded[1:-1, 1:-1] = mask
    tall = padded[:-2] | padded[1:-1] | padded[2:]
    grown: Mask = tall[:, :-2] | tall[:, 1:-1] | tall[:, 2:]
    return grown


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def resize(pixels: Pixels) -> Normalised:
    """Scale a grey picture into 28x28, centred, its sides in proportion; nothing else.

    Shapes and errors: as ``normalise``. The margin has the grey level of the picture's border.
    """
    _check(pixels)
    if pixels.shape == (SIDE, SIDE):
        return Normalised(pixels, ())
    height, width = (max(1, round(SIDE * side / max(pixels.shape))) for side in pixels.shape)
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    result = np.full((SIDE, SIDE), int(np.median(border)), np.uint8)
    result[top : top + height, left : left + width] = resample(pixels, (height, width))
    was = f"{pixels.shape[1]}x{pixels.shape[0]}"
    return Normalised(result, (f"scaled from {was} to {width}x{height}",))


def _check(pixels: Pixels) -> None:
    if pixels.ndim != 2 or not pixels.size:
        raise ShapeError(f"pixels: expected shape (H, W), neither of them 0, got {pixels.shape}")
