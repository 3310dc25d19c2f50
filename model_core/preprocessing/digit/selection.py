"""Selection of the connected components that make up the digit."""

import numpy as np

from model_core.preprocessing.digit.border_objects import is_border_object, touches_border
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

# Pixels by which a gap may be wider: the gap between components that nearly touch is 1.
GAP_TOLERANCE = 1


def select_components(components: ComponentProperties, min_peak: float) -> Flags:
    """Select the components of the digit: the main one, and what lies close to it, or to that.

    Shapes: -> (N,) bool for N components. Units: ``min_peak``, the contrast in grey levels that a
    component's darkest pixel has at least.
    """
    if not components.count:
        return np.zeros(0, np.bool_)
    eligible: Flags = (components.intensity_max >= min_peak) & ~is_border_object(components)
    if np.count_nonzero(eligible) < 2:
        return eligible
    main = _main_component(components, eligible)
    at_border = touches_border(components)
    ink = components.intensity_sum
    eligible &= (ink >= MIN_INK * ink[main]) & (~at_border | at_border[main])
    selected: Flags = np.arange(components.count) == main
    gaps = np.where(at_border, MAX_GAP, MAX_GAP_INSIDE)
    while True:
        grown: Flags = eligible & _is_near(components, components.bounding_box(selected), gaps)
        if np.array_equal(grown, selected):
            return selected
        selected, gaps = grown, np.full(len(gaps), MAX_GAP)


def count_specks(components: ComponentProperties, digit: Flags) -> int:
    """Return the number of components outside the digit that have too little ink to be a stroke."""
    if digit.all():
        return 0
    least = MIN_INK * components.intensity_sum[digit].max(initial=0)
    return int(np.count_nonzero(components.intensity_sum[~digit] < least))


def _main_component(components: ComponentProperties, eligible: Flags) -> int:
    """Return the component with most ink, where ink counts less the farther from the centre."""
    weighted = components.sum_over_pixels(components.padded * centre_distance(components.shape))
    centred = components.intensity_sum - weighted
    return int(np.argmax(np.where(eligible, centred, -1)))


def _is_near(components: ComponentProperties, box: Box, gaps: Numbers) -> Flags:
    """Tell which components are no farther from a box than ``gaps`` times its longer side."""
    rows, columns = box
    bottom, right = rows.stop - 1, columns.stop - 1
    down = np.maximum(components.top - bottom, rows.start - components.bottom)
    across = np.maximum(components.left - right, columns.start - components.right)
    length = max(bottom - rows.start, right - columns.start)
    near: Flags = np.maximum(down, across) <= gaps * length + GAP_TOLERANCE
    return near
