"""Which parts of the ink make up the digit."""

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.digit.border_objects import from_outside, touches
from model_core.preprocessing.image_ops.component_properties import Flags, Parts, distance

# Parts with less than this share of the main part's mass are specks.
SPECK = 0.06

# What lies this far from the main part, in shares of its length, belongs to it: less at the border,
# where a neighbour may reach in; farther off, where it was written with it, as the dot of an i.
NEAR, APART = 0.2, 0.5


def choose(parts: Parts, strong: float) -> Flags:
    """Return which parts make up the digit: the main one, and what lies close to it, or to that.

    Units: ``strong`` is the contrast that the digit's darkest pixel has at least.
    """
    if not parts.runs.count:
        return np.zeros(0, np.bool_)
    eligible: Flags = (parts.peak >= strong) & ~from_outside(parts)
    if np.count_nonzero(eligible) < 2:
        return eligible
    centred = parts.mass - parts.add_pixels(parts.flat * distance(parts.runs.shape))
    main = int(np.argmax(np.where(eligible, centred, -1)))
    at_border = touches(parts)
    eligible &= (parts.mass >= SPECK * parts.mass[main]) & (~at_border | at_border[main])
    chosen: Flags = np.arange(parts.runs.count) == main
    reach = np.where(at_border, NEAR, APART)
    while True:
        grown: Flags = eligible & _is_near(parts, parts.box(chosen), reach)
        if np.array_equal(grown, chosen):
            return chosen
        chosen, reach = grown, np.full(len(reach), NEAR)


def count_specks(parts: Parts, digit: Flags) -> int:
    """Return how many parts outside the digit are mere specks."""
    if digit.all():
        return 0
    least = SPECK * parts.mass[digit].max(initial=0)
    return int(np.count_nonzero(parts.mass[~digit] < least))


def _is_near(parts: Parts, box: tuple[slice, slice], reach: NDArray[np.float64]) -> Flags:
    """Tell which parts are no farther from a box than so many times its longer side."""
    rows, columns = box
    bottom, right = rows.stop - 1, columns.stop - 1
    down = np.maximum(parts.top - bottom, rows.start - parts.bottom)
    across = np.maximum(parts.left - right, columns.start - parts.right)
    length = max(bottom - rows.start, right - columns.start)
    near: Flags = np.maximum(down, across) <= reach * length + 1
    return near
