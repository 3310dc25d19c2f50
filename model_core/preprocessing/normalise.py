"""Normalisation of a grey picture of any size to MNIST's format."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from model_core.preprocessing.digit.ink import MIN_CLEAR_CONTRAST
from model_core.preprocessing.image_ops.types import WHITE, Grey8
from model_core.preprocessing.mnist_format import (
    SIDE,
    NormalisedImage,
    are_mnist_format,
    check_picture,
    is_mnist_format,
)
from model_core.preprocessing.paper.band_removal import remove_border_bands
from model_core.preprocessing.paper.border_bands import find_border_bands
from model_core.preprocessing.paper.polarity import is_light_on_dark
from model_core.preprocessing.reduction import (
    MIN_SPOTS_BLOCK,
    blocks_of_spots,
    reduce_to_extremes,
    reduce_to_means,
    reduction_block,
)
from model_core.preprocessing.rendering import render_digit
from model_core.preprocessing.search import Segmentation, search_digit
from model_core.preprocessing.steps import Change, Kind, Removed, Step
from model_core.preprocessing.view import View

# Grey level: a picture whose first pixel is above starts as its negative, so that a picture and its
# negative are the same from there on.
MAX_DARK_PIXEL = 127

# Trust in ink that is pale in block means, where spots show no clearer one: some of a stroke may be
# missing. A quarter, so that only answers without doubt are accepted.
PALE_TRUST = 0.25


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
    pale: NormalisedImage | None = None
    steps: tuple[Step, ...] = ()
    for view in _reductions(pixels):
        seen, found = search_digit(_upright(view))
        rendered = None if found is None else render_digit(seen, found)
        clear = found is not None and _is_clear(seen, found, first=pale is None)
        if rendered is not None and clear:
            return rendered
        pale, steps = pale or rendered, seen.steps
    none = NormalisedImage(np.zeros((SIDE, SIDE), np.uint8), (*steps, Change.FOUND_NO_INK))
    return none if pale is None else replace(pale, trust=min(pale.trust, PALE_TRUST))


def normalise_together(pictures: Grey8) -> list[NormalisedImage | None]:
    """Normalise the pictures that are in MNIST's format, or their negatives; None for the others.

    Shapes: (N, 28, 28) uint8. The results are those of ``normalise``, in a fifth of the time.
    """
    fits = are_mnist_format(pictures)
    images = [
        NormalisedImage(pixels, ()) if fit else None
        for pixels, fit in zip(pictures, fits.tolist(), strict=True)
    ]
    if not fits.all():
        negatives = WHITE - pictures
        for place in np.flatnonzero(are_mnist_format(negatives) & ~fits):
            images[place] = NormalisedImage(negatives[place], (Change.INVERTED,))
    return images


def _reductions(pixels: Grey8) -> Iterator[View]:
    """Yield the picture reduced to block means; then, for thin strokes, to block extremes.

    Extremes are for pictures in whose means no clear ink was found: those of pixels for pens of one
    pixel, those of spots for pale pencil. They are left out where they have no contrast.
    """
    negative = bool(pixels[0, 0] > MAX_DARK_PIXEL)
    block = reduction_block(pixels.shape)
    means = reduce_to_means(pixels, block, negative=negative)
    yield View(pixels, means, block, inverted=negative)
    spots = blocks_of_spots(pixels.shape)
    for side, spot in ((block, 1),) * (block > 1) + ((spots,) if spots else ()):
        image = reduce_to_extremes(pixels, side, negative=negative, spot=spot)
        if image is not None:
            yield View(pixels, image, side, inverted=negative, spot=spot)


def _upright(view: View) -> View:
    """Return a view with light ink, and without bands along its border."""
    bands = find_border_bands(view.image)
    light = is_light_on_dark(view.image if bands is None else view.image.crop(bands.inner))
    upright = view.with_light_ink(light=light)
    if bands is None:
        return upright
    # bands become as even as the paper, or are cut off if they are bare
    grey, rest = remove_border_bands(upright.image.pixels, bands if light else bands.negative())
    step = Removed(Kind.BORDER_BAND, bands.sides)
    return upright.with_grey(grey).crop(rest).with_step(step)


def _is_clear(view: View, found: Segmentation, *, first: bool) -> bool:
    """Tell whether a view shows ink so clearly that no other one is looked at.

    Of a stroke that is pale in the means of large blocks some may be missing. Extremes show it more
    clearly, unless they are noisy; then they count only if they are the ``first`` to show ink.
    """
    if view.spot == 0:
        return view.block < MIN_SPOTS_BLOCK or found.ink.peak >= MIN_CLEAR_CONTRAST
    return first or Change.REMOVED_NOISE not in view.steps
