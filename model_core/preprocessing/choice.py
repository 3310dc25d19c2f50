"""Which parts of the ink make up the digit."""

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.outside import from_outside, touches
from model_core.preprocessing.parts import Flags, Parts, distance

# Parts with less than this share of the main part's mass are specks.
SPECK = 0.06

# What lies this far from the main part, in shares of its length, belongs to it: less at the border,
# where a neighbour may reach in; farther off, where it was written with it, as the dot of an i.
NEAR, APART = 0.2, 0.5


def choose(parts: Parts, strong: float) -> Flags:
    """Return which parts make up the digit: the main one, and what lies close to it.

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
    reach = np.where(at_border, NEAR, APART) * _length(parts, main) + 1
    chosen: Flags = (
        eligible
        & (parts.mass >= SPECK * parts.mass[main])
        & (_gap(parts, main) <= reach)
        & (~at_border | at_border[main])
    )
    return chosen


def count_specks(parts: Parts, digit: Flags) -> int:
    """Return how many parts outside the digit are mere specks."""
    if digit.all():
        return 0
    least = SPECK * parts.mass[digit].max(initial=0)
    return int(np.count_nonzero(parts.mass[~digit] < least))


def _length(parts: Parts, main: int) -> int:
    return int(max(parts.bottom[main] - parts.top[main], parts.right[main] - parts.left[main]))


def _gap(parts: Parts, main: int) -> NDArray[np.intp]:
    """Return how far the box of each part is from that of the main part."""
    down = np.maximum(parts.top - parts.bottom[main], parts.top[main] - parts.bottom)
    across = np.maximum(parts.left - parts.right[main], parts.left[main] - parts.right)
    gap: NDArray[np.intp] = np.maximum(down, across)
    return gap
