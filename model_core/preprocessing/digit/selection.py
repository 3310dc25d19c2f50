"""Selection of the connected components that make up the digit."""

from typing import NamedTuple

import numpy as np

from model_core.preprocessing.digit.cut_offs import is_cut_off
from model_core.preprocessing.digit.frames import is_frame
from model_core.preprocessing.digit.surroundings.enclosures import enclosed_by, find_enclosures
from model_core.preprocessing.digit.surroundings.second_figure import (
    DOUBTFUL,
    MIN_CONTRAST,
    trust_in_one,
)
from model_core.preprocessing.digit.surroundings.small_writing import is_small_writing
from model_core.preprocessing.digit.surroundings.underlines import is_underline
from model_core.preprocessing.image_ops.centre_distance import centre_distance
from model_core.preprocessing.image_ops.component_properties import ComponentProperties
from model_core.preprocessing.image_ops.types import Box, Flags, Numbers

# Share of the main component's ink: a component with less is a speck. Chosen so that the dot of an
# i and the pieces of a stroke that skips are none.
MIN_INK = 0.06

# Share of the longer side of what is selected: a component no farther away is joined to it. Chosen
# so that the pieces of a stroke that skips are joined, and a neighbour at the border is not.
MAX_GAP = 0.2

# The same for a component away from the border, and the main one alone: chosen so that what was
# written with it stays, as the dot of an i.
MAX_GAP_INSIDE = 0.5

# Components at most among which circles, lines and words are looked for. Chosen so that a line of
# print is; more are noise or a pattern, and take time.
MAX_PARTS = 32

# A component touches the border if it is within 1 / this of the picture's side of it.
# Chosen so that the blurred end of a stroke does.
BORDER_ZONE_DIVISOR = 40

# Pixels by which a gap may be wider: the gap between components that nearly touch is 1.
GAP_TOLERANCE = 1


class Selection(NamedTuple):
    """The digit's components, and what was found beside them.

    Shapes: all (N,) bool for N components; ``trust`` is 0 with a second
    figure beside the digit.
    """

    digit: Flags
    enclosures: Flags
    underlines: Flags
    writing: Flags
    trust: float = 1.0


def select_components(components: ComponentProperties, min_peak: float) -> Selection:
    """Select the components of the digit: the main one, and what lies close to it, or to that.

    Units: ``min_peak``, the contrast in grey levels that a component's darkest pixel has at least.
    """
    none = np.zeros(components.count, np.bool_)
    if not components.count:
        return Selection(none, none, none, none)
    clear: Flags = components.intensity_max >= min_peak
    eligible: Flags = clear & ~(is_frame(components) | is_cut_off(components))
    count = np.count_nonzero(eligible)
    if count < 2:
        return Selection(eligible, none, none, none)
    if count > MAX_PARTS:
        main = int(np.argmax(np.where(eligible, _centred_ink(components), -1)))
        digit = _grow(components, main, eligible, _touches_border(components))
        return Selection(digit, none, none, none)
    return _select_among(components, clear, eligible)


def _select_among(components: ComponentProperties, clear: Flags, eligible: Flags) -> Selection:
    """Select the digit's components among others, which are told by what they are.

    ``clear`` are all that are no shading, ``eligible`` these without border objects.
    """
    underlines = is_underline(components, eligible)
    main, enclosures, eligible = _look_inside(components, eligible & ~underlines)
    writing = is_small_writing(components, main, clear & ~underlines & ~enclosures)
    others = eligible & ~writing
    at_border = _touches_border(components)
    digit = _grow(components, main, others, at_border)
    inside = others & ~at_border
    trust = trust_in_one(components, digit, inside)
    ink, peak = components.intensity_sum, components.intensity_max
    large = (ink >= MIN_INK * ink[main]) & (peak >= MIN_CONTRAST * peak[main])
    if (large & inside & ~digit).any():  # these might be pieces of the digit
        trust = min(trust, DOUBTFUL)
    return Selection(digit, enclosures, underlines, writing, trust)


def count_specks(components: ComponentProperties, digit: Flags, known: Flags) -> int:
    """Return the number of components that have too little ink to be a stroke of the digit.

    ``known`` are the components that are not counted: the digit's, and those that are named.
    """
    if known.all():
        return 0
    least = MIN_INK * components.intensity_sum[digit].max(initial=0)
    return int(np.count_nonzero(components.intensity_sum[~known] < least))


def _look_inside(components: ComponentProperties, eligible: Flags) -> tuple[int, Flags, Flags]:
    """Return the main component, the enclosures around it, and what is eligible within these."""
    enclosures = np.zeros(components.count, np.bool_)
    centred = _centred_ink(components)
    while True:
        main = int(np.argmax(np.where(eligible, centred, -1)))
        found = find_enclosures(components, main, eligible)
        for enclosure in found:
            enclosures[enclosure] = True
            eligible = eligible & enclosed_by(components, enclosure)
        if main not in found:
            return main, enclosures, eligible


def _grow(components: ComponentProperties, main: int, eligible: Flags, at_border: Flags) -> Flags:
    """Return the main component with what lies close to it, and with what lies close to that."""
    ink = components.intensity_sum
    eligible = eligible & (ink >= MIN_INK * ink[main]) & (~at_border | at_border[main])
    selected: Flags = np.arange(components.count) == main
    gaps = np.where(at_border, MAX_GAP, MAX_GAP_INSIDE)
    while True:
        grown: Flags = eligible & _is_near(components, components.bounding_box(selected), gaps)
        if np.array_equal(grown, selected):
            return selected
        selected, gaps = grown, np.full(len(gaps), MAX_GAP)


def _centred_ink(components: ComponentProperties) -> Numbers:
    """Return each component's ink, which counts less the farther from the centre it is.

    The eligible component with most of it is the main one.
    """
    weighted = components.sum_over_pixels(components.padded * centre_distance(components.shape))
    return components.intensity_sum - weighted


def _is_near(components: ComponentProperties, box: Box, gaps: Numbers) -> Flags:
    """Tell which components are no farther from a box than ``gaps`` times its longer side."""
    rows, columns = box
    length = max(rows.stop - rows.start, columns.stop - columns.start) - 1
    near: Flags = components.distance(box) <= gaps * length + GAP_TOLERANCE
    return near


def _touches_border(components: ComponentProperties) -> Flags:
    """Tell which components reach the border, or come very near it."""
    tall, wide = components.shape
    down, across = tall // BORDER_ZONE_DIVISOR, wide // BORDER_ZONE_DIVISOR
    return (
        (components.top <= down)
        | (components.left <= across)
        | (components.bottom >= tall - 1 - down)
        | (components.right >= wide - 1 - across)
    )
