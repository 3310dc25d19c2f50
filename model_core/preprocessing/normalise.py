"""Normalisation of a grey picture of any size to MNIST's format."""

from collections.abc import Iterator

import numpy as np

from model_core.preprocessing.image_ops.types import WHITE, Grey8
from model_core.preprocessing.mnist_format import (
    SIDE,
    NormalisedImage,
    check_picture,
    is_mnist_format,
)
from model_core.preprocessing.paper.band_removal import remove_border_bands
from model_core.preprocessing.paper.border_bands import BorderBands, find_border_bands
from model_core.preprocessing.paper.polarity import is_light_on_dark
from model_core.preprocessing.reduction import (
    reduce_to_extremes,
    reduce_to_means,
    reduction_block,
)
from model_core.preprocessing.rendering import render_digit
from model_core.preprocessing.search import search_digit
from model_core.preprocessing.steps import Change, Kind, Removed, Step
from model_core.preprocessing.view import View

# Grey level: a picture whose first pixel is above starts as its negative, so that a picture and its
# negative are the same from there on.
MAX_DARK_PIXEL = 127


def normalise(pixels: Grey8) -> NormalisedImage:
    """Bring a grey picture to MNIST's format: light ink on black, 20x20, centred by mass in 28x28.

    Shapes: ``pixels`` (H, W) uint8, H and W at least 1 -> (28, 28) uint8.
    A picture in MNIST's format passes unchanged, bit for bit. A picture and its negative give the
    same. A picture without ink gives black.
    Raises: ShapeError for anything but two axes that are not empty.
    """
    check_picture(pixels)
    if is_mnist_format(pixels):
        return NormalisedImage(pixels, ())
    if pixels.shape == (SIDE, SIDE) and is_mnist_format(WHITE - pixels):
        return NormalisedImage(WHITE - pixels, (Change.INVERTED,))
    steps: tuple[Step, ...] = ()
    for view in _reductions(pixels):
        bands = find_border_bands(view.image)
        light = is_light_on_dark(view.image if bands is None else view.image.crop(bands.inner))
        upright = view.with_light_ink(light=light)
        if bands is not None:
            upright = _remove_bands(upright, bands if light else bands.negative())
        seen, found = search_digit(upright)
        rendered = None if found is None else render_digit(seen, found)
        if rendered is not None:
            return rendered
        steps = seen.steps
    return NormalisedImage(np.zeros((SIDE, SIDE), np.uint8), (*steps, Change.FOUND_NO_INK))


def _reductions(pixels: Grey8) -> Iterator[View]:
    """Yield the picture reduced to block means; then, for thin strokes, to block extremes.

    The second is for pictures in whose means nothing was found, and is left out where it would be
    the same, or has no contrast.
    """
    negative = bool(pixels[0, 0] > MAX_DARK_PIXEL)
    block = reduction_block(pixels.shape)
    means = reduce_to_means(pixels, block, negative=negative)
    yield View(pixels, means, block, inverted=negative, thin=False)
    extremes = reduce_to_extremes(pixels, block, negative=negative) if block > 1 else None
    if extremes is not None:
        yield View(pixels, extremes, block, inverted=negative, thin=True)


def _remove_bands(view: View, bands: BorderBands) -> View:
    """Return a view whose bands are as even as the paper, or cut off if they are bare."""
    grey, rest = remove_border_bands(view.image.pixels, bands)
    return view.with_grey(grey).crop(rest).with_step(Removed(Kind.BORDER_BAND, bands.sides))
