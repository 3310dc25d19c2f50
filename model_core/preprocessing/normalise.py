"""From a grey picture of any size to MNIST's form."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.digit.ink import SHORTEST, Digit, Ink, find_digit, find_ink, is_ink
from model_core.preprocessing.digit.placement import place, saturate, scale
from model_core.preprocessing.digit.ruled_lines import without_rulings
from model_core.preprocessing.image_ops.block_reduce import reduce, reduce_thin
from model_core.preprocessing.image_ops.median_filter import median_filter
from model_core.preprocessing.image_ops.order_statistics import in_order
from model_core.preprocessing.mnist_format import SIDE, Normalised, check_picture, is_mnist_form
from model_core.preprocessing.paper.border_bands import Bands, even_out, find_bands
from model_core.preprocessing.paper.polarity import edge_of, is_light_on_dark
from model_core.preprocessing.view import View, closer, surroundings

Pixels = NDArray[np.uint8]
Grey = NDArray[np.float32]
Mask = NDArray[np.bool_]

NOTHING = "found no ink"

# What is left when lines are removed is a digit if it has this share of the picture's side: else it
# may be where two lines crossed.
BESIDE_LINES = 0.33


def normalise(pixels: Pixels) -> Normalised:
    """Bring a grey picture to MNIST's form: light ink on black, 20x20, centred by mass in 28x28.

    Shapes: ``pixels`` (H, W) uint8, H and W at least 1 -> (28, 28) uint8.
    What has MNIST's form already passes through unchanged, bit for bit. A picture and its negative
    give the same. A picture without ink gives black.
    Raises: ShapeError for anything but two axes that are not empty.
    """
    check_picture(pixels)
    if is_mnist_form(pixels):
        return Normalised(pixels, ())
    if pixels.shape == (SIDE, SIDE) and is_mnist_form(255 - pixels):
        return Normalised(255 - pixels, ("inverted",))
    negative = bool(pixels[0, 0] > 127)  # a picture and its negative are first made the same
    grey, block = reduce(pixels, negative=negative)
    result = _look(_upright(pixels, grey, block, negative))
    if block > 1 and result.steps[-1] == NOTHING:
        thin = reduce_thin(pixels, negative=negative)
        if thin is not None:
            return _look(_upright(pixels, thin, block, negative, thin=True))
    return result


def _upright(pixels: Pixels, grey: Grey, block: int, inverted: bool, *, thin: bool = False) -> View:
    """Return a view with light ink, without the bands along the border."""
    levels = in_order(grey)
    edge = edge_of(grey)
    bands = find_bands(grey, levels, edge)
    if bands is None:
        light = is_light_on_dark(grey, levels, edge)
    else:
        inner = grey[bands[0].inner, bands[1].inner]
        light = is_light_on_dark(inner, in_order(inner), edge_of(inner))
    if not light:
        inverted, grey, levels = not inverted, 255 - grey, 255 - levels[::-1]
        bands = (bands[0].negative(), bands[1].negative()) if bands else None
    steps = ("inverted",) * inverted + ("kept thin strokes",) * thin
    view = View(pixels, grey, levels, block, inverted, thin, steps)
    return view if bands is None else _without_bands(view, *bands)


def _without_bands(view: View, rows: Bands, columns: Bands) -> View:
    """Return a view whose bands are as even as the paper, or cut off if they are bare."""
    evened, across = even_out(view.grey, columns)
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
    ink = find_ink(view.grey, view.levels)
    if ink is None:
        return _nothing(view)
    if ink.uneven:
        view = view.with_step("evened out the background")
    digit = find_digit(ink)
    unruled = without_rulings(ink)
    if unruled is not None:
        without = find_digit(unruled)
        if without.length >= BESIDE_LINES * max(view.grey.shape) and not _is_line(without, view):
            ink, digit, view = unruled, without, view.with_step("removed ruled lines")
    if digit.noisy and "removed noise" not in view.steps:
        return _look(view.with_grey(median_filter(view.grey)).with_step("removed noise"))
    if not digit.found:
        return _nothing(view)
    near = closer(view, (digit.rows, digit.columns))
    return _place(view, ink, digit) if near is None else _look(near)


def _is_line(digit: Digit, view: View) -> bool:
    """Tell whether what was found runs from side to side, and is narrow: a darker line."""
    shorter = int(min(digit.rows.stop - digit.rows.start, digit.columns.stop - digit.columns.start))
    return digit.length >= min(view.grey.shape) and shorter < BESIDE_LINES * digit.length


def _place(view: View, ink: Ink, digit: Digit) -> Normalised:
    """Scale and place the digit, with the faint edges of its strokes."""
    rows, columns = digit.rows, digit.columns
    around = surroundings((rows, columns), view.grey.shape, 1)
    contrast, mask = ink.contrast[around], digit.mask[around]
    inked = in_order(contrast[mask])
    tall, wide = rows.stop - rows.start, columns.stop - columns.start
    if max(tall, wide) < SHORTEST or not is_ink(contrast, mask, inked):
        return _nothing(view)
    shares = saturate(contrast * _grow(mask), inked)
    top, left = rows.start - around[0].start, columns.start - around[1].start
    scaled, thickened = scale(shares[top : top + tall, left : left + wide])
    steps = view.steps + _placing(view, digit, scaled.shape)
    return Normalised(place(scaled), steps + ("thickened the strokes",) * thickened)


def _placing(view: View, digit: Digit, shape: tuple[int, ...]) -> tuple[str, ...]:
    """Return what was left out, what was cropped and how it was scaled, in words."""
    sides = (digit.rows.stop - digit.rows.start, digit.columns.stop - digit.columns.start)
    height = min(view.pixels.shape[0], sides[0] * view.block)
    width = min(view.pixels.shape[1], sides[1] * view.block)
    taken = [(digit.strokes, "stroke", " beside the digit"), (digit.specks, "speck", "")]
    steps = [f"removed {_count(number, what)}{where}" for number, what, where in taken if number]
    if sides != view.grey.shape:
        steps.append(f"cropped to {width}x{height}")
    return (*steps, f"scaled from {width}x{height} to {shape[1]}x{shape[0]}")


def _nothing(view: View) -> Normalised:
    return Normalised(np.zeros((SIDE, SIDE), np.uint8), (*view.steps, NOTHING))


def _grow(mask: Mask) -> Mask:
    """Return a mask with one pixel more all around."""
    padded = np.zeros((mask.shape[0] + 2, mask.shape[1] + 2), np.bool_)
    padded[1:-1, 1:-1] = mask
    tall = padded[:-2] | padded[1:-1]
    tall |= padded[2:]
    grown: Mask = tall[:, :-2] | tall[:, 1:-1]
    grown |= tall[:, 2:]
    return grown


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
