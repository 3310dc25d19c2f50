"""Search for the digit in a view, with retries: without noise, and closer."""

from dataclasses import dataclass

from model_core.preprocessing.digit.ink import Ink, find_ink
from model_core.preprocessing.digit.ruled_lines import remove_ruled_lines
from model_core.preprocessing.digit.segmentation import Digit, segment_digit
from model_core.preprocessing.image_ops.median_filter import median_filter
from model_core.preprocessing.steps import Change
from model_core.preprocessing.view import View, zoom_in

# Share of the picture's longer side: the rest after removing ruled lines is a digit if it is at
# least so long. Chosen so that the points where two lines cross are none.
MIN_LENGTH_WITHOUT_LINES = 0.33

# Width by length: a rest that runs from side to side is a darker line if it is narrower.
# Before this was asked, one empty sheet of squared paper in eighteen was read as a digit, with it
# one in a hundred.
MAX_LINE_WIDTH = 0.33


@dataclass(frozen=True, slots=True)
class Segmentation:
    """The ink of a view, and the digit in it."""

    ink: Ink
    digit: Digit


def search_digit(view: View) -> tuple[View, Segmentation | None]:
    """Return the view in which the search ended, and the digit if there is one.

    Noise is removed once, if there is any; then there is no zooming in, as the noise would return.
    """
    denoised = False
    while True:
        view, found = _segment(view, denoised=denoised)
        if found is None:
            return view, None
        if found.digit.noisy and not denoised:
            view = view.with_grey(median_filter(view.image.pixels)).with_step(Change.REMOVED_NOISE)
            denoised = True
            continue
        if not found.digit.found:
            return view, None
        closer = None if denoised else zoom_in(view, found.digit.box)
        if closer is None:
            return view, found
        view = closer


def _segment(view: View, *, denoised: bool) -> tuple[View, Segmentation | None]:
    """Segment a view, without ruled lines if they can be removed; return it with the steps taken.

    None if it has no ink.
    """
    ink = find_ink(view.image)
    if ink is None:
        return view, None
    if ink.uneven:
        view = view.with_step(Change.EVENED_OUT_BACKGROUND)
    unruled = remove_ruled_lines(ink)
    if unruled is not None:
        rest = segment_digit(unruled)
        if _is_digit_without_lines(rest, view.image.pixels.shape):
            return view.with_step(Change.REMOVED_RULED_LINES), Segmentation(unruled, rest)
    return view, Segmentation(ink, segment_digit(ink, stop_if_noisy=not denoised))


def _is_digit_without_lines(rest: Digit, shape: tuple[int, ...]) -> bool:
    """Tell whether what is left is a digit: long enough, and no narrow line from side to side."""
    shorter, longer = sorted(rest.sides)
    spans = longer >= min(shape) and shorter < MAX_LINE_WIDTH * longer
    return longer >= MIN_LENGTH_WITHOUT_LINES * max(shape) and not spans
