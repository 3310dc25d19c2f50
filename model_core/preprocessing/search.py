"""Search for the digit in a view, with retries: without noise, and closer."""

from dataclasses import replace
from functools import reduce
from typing import NamedTuple

import numpy as np

from model_core.preprocessing.digit.ink import Ink, find_ink
from model_core.preprocessing.digit.line_pieces import is_piece_of_line, keep_strokes
from model_core.preprocessing.digit.placement import thicken
from model_core.preprocessing.digit.ruled_lines import remove_ruled_lines
from model_core.preprocessing.digit.segmentation import Digit, segment_digit
from model_core.preprocessing.digit.surroundings.second_figure import DOUBTFUL
from model_core.preprocessing.image_ops.median_filter import median_filter
from model_core.preprocessing.mnist_format import are_strokes_a_pixel_wide
from model_core.preprocessing.steps import Change, Kind
from model_core.preprocessing.view import View, zoom_in

# Share of the picture's longer side: the rest after removing ruled lines is a digit if it is at
# least so long. Chosen so that the points where two lines cross are none.
MIN_LENGTH_WITHOUT_LINES = 0.25

# Width by length: a rest that runs from side to side is a darker line if it is narrower.
# Before this was asked, one empty sheet of squared paper in eighteen was read as a digit, with it
# one in a hundred.
MAX_LINE_WIDTH = 0.33

# Strokes that are left beside the digit at most: more are pieces of lines. Chosen so that empty
# squared paper whose lines are partly as dark as ink is none.
MAX_PIECES = 5

# Sides of the picture that a digit reaches if it may be a grid of lines that could not be removed,
# with the digit. Chosen so that a digit that reaches into a corner is none.
MIN_SIDES_OF_GRID = 3

# Pixels of the longer side of a coarse picture: there strokes may be in pieces, as after shrinking
# by nearest neighbour. Chosen so that MNIST's 28 and icons of 32 are.
MAX_COARSE_SIDE = 40

# Share of the ink's greatest contrast: pixels above count when strokes are measured.
THIN_SHARE = 0.4

# Shares of the ink's greatest contrast between which a pixel is grey, and the share of the ink that
# is grey at most. Chosen as for MNIST's form: soft edges say that no pixel was left out.
EDGE_SHARES = (0.1, 0.9)
MAX_GREY = 0.5


class Segmentation(NamedTuple):
    """The ink of a view, and the digit in it; ``unruled`` is whether ruled lines were removed."""

    ink: Ink
    digit: Digit
    unruled: bool = False


def search_digit(view: View) -> tuple[View, Segmentation | None]:
    """Return the view in which the search ended, and the digit if there is one.

    Noise is removed once, if there is any; then there is no zooming in, as the noise would return.
    Nor is there where ruled lines would return, as a few of them cannot be told from strokes.
    What was seen beside the digit before zooming in is remembered.
    """
    denoised, trust = False, 1.0
    farther: tuple[View, Segmentation] | None = None
    while True:
        view, found = _segment(view, denoised=denoised)
        if farther is not None and not (found and found.unruled):
            return farther
        if found is None:
            return view, None
        if found.digit.noisy and not denoised:
            view = view.with_grey(median_filter(view.image.pixels)).with_step(Change.REMOVED_NOISE)
            denoised = True
            continue
        if not found.digit.found:
            return view, None
        trust = min(trust, found.digit.trust)
        if trust != found.digit.trust:
            found = found._replace(digit=replace(found.digit, trust=trust))
        closer = None if denoised else zoom_in(view, found.digit.box, found.digit.hidden)
        if closer is None:
            return view, found
        farther = (view, found) if found.unruled else None
        view = reduce(View.with_step, found.digit.recognised, closer)


def _segment(view: View, *, denoised: bool) -> tuple[View, Segmentation | None]:
    """Segment a view, without ruled lines if they can be removed; return it with the steps taken.

    None if it has no ink.
    """
    ink = find_ink(view.image)
    if ink is None:
        return view, None
    if ink.uneven:
        view = view.with_step(Change.EVENED_OUT_BACKGROUND)
    if ink.spots:
        view = view.with_step(Change.EVENED_OUT_SPOTS)
    if max(view.pixels.shape) <= MAX_COARSE_SIDE and _may_be_broken(ink):
        return view.with_step(Change.JOINED_STROKES), _segment_broken(ink)
    found = _segment_without_lines(remove_ruled_lines(ink), ink)
    if found is None:
        digit = segment_digit(ink, stop_if_noisy=not denoised)
        if digit.borders >= MIN_SIDES_OF_GRID and not digit.noisy:
            found = _segment_without_lines(keep_strokes(ink), ink, within=True)
        if found is None:
            return view, Segmentation(ink, digit)
    return view.with_step(Change.REMOVED_RULED_LINES), found


def _may_be_broken(ink: Ink) -> bool:
    """Tell whether strokes are a pixel wide and have hard edges, as where pixels were left out."""
    share = ink.contrast / ink.peak
    if not are_strokes_a_pixel_wide(share > THIN_SHARE):
        return False
    grey = np.count_nonzero((share > EDGE_SHARES[0]) & (share < EDGE_SHARES[1]))
    return bool(grey < MAX_GREY * np.count_nonzero(share > EDGE_SHARES[0]))


def _segment_broken(ink: Ink) -> Segmentation:
    """Segment a digit whose strokes are a pixel wide, and perhaps in pieces: these are joined.

    Pieces that are left as large as a digit make it doubtful, and no more.
    """
    joined = ink._replace(contrast=thicken(ink.contrast))
    digit = segment_digit(joined)
    return Segmentation(joined, replace(digit, trust=max(digit.trust, DOUBTFUL)))


def _segment_without_lines(
    unruled: Ink | None, ink: Ink, *, within: bool = False
) -> Segmentation | None:
    """Segment what is left without lines, if anything was removed; None if it is no digit.

    A digit is long enough, no narrow line from side to side, no piece of a line, and not one of
    many pieces. With ``within`` it does not reach the border.
    """
    if unruled is None:
        return None
    digit = segment_digit(unruled)
    shorter, longer = sorted(digit.sides)
    shape = ink.contrast.shape
    spans = longer >= min(shape) and shorter < MAX_LINE_WIDTH * longer
    if longer < MIN_LENGTH_WITHOUT_LINES * max(shape) or spans:
        return None
    pieces = sum(step.count for step in digit.removed if step.kind is not Kind.SPECK)
    if pieces > MAX_PIECES:
        return None
    if (within and digit.borders) or is_piece_of_line(ink, digit.box):
        return None
    return Segmentation(unruled, digit, unruled=True)
