"""Enclosures: a circle or a box that is drawn around the digit, and is no part of it."""

import numpy as np

from model_core.preprocessing.image_ops.component_properties import ComponentProperties
from model_core.preprocessing.image_ops.line_fit import stray_from_line
from model_core.preprocessing.image_ops.types import Box, Flags, Mask

# Share of an enclosure's longer side: what is within is longer. Chosen so that a digit in a circle
# is, and the dot in a dotted zero is not.
MIN_ENCLOSED_LENGTH = 0.3

# Share of the rows, and of the columns, of what is enclosed that have the enclosure on either side.
# Chosen so that a circle may be open by a pen's width or two, and a U or a C encloses nothing.
MIN_SURROUNDED = 0.8

# Share of an enclosure's ink within the bounding box of what it encloses, at most. Chosen so that a
# tight circle may cut the corners of the box.
MAX_INK_WITHIN = 0.06

# Share of its bounding box that an enclosure fills at most. Chosen so that a ring in a fat pen is
# one, and paper around a hole, seen as ink by mistake, is none.
MAX_EXTENT = 0.55

# Components around the main one that are tried at most: more are a pattern, and take time.
MAX_TRIED = 4

# Width by height of a ring: a narrower one may be a zero, and a slanting bar in it its slash.
MAX_ZERO_ASPECT = 0.8

# Share of a ring's height at its top in which it is looked at, and share of its width that it
# covers there at least, if it is a box. An ellipse covers two thirds.
BOX_ZONE = 0.125
MIN_BOX_COVER = 0.8

# Width by height of a slash at least. Chosen so that an upright 1 is none.
MIN_SLASH_SLANT = 0.3

# Share of its length by which the middle of a slash's rows strays from a straight line, as root
# mean square, at most; and its runs by rows. Chosen so that a 3 or a 7 is none.
MAX_SLASH_STRAY = 0.06
MAX_SLASH_RUNS = 1.2

# Share of its bounding box that a ring with a digit in it fills at most. Chosen so that a plain
# stroke, which fills its box, is none.
MAX_RING_EXTENT = 0.75

# Share of a mask's sides: its outermost parts, in which a ring has ink; and the shares of these,
# and of the middle, that ink covers at least. Chosen so that a 0, which has none in its middle, and
# a 3, which is open, are no digit in a ring.
RING_ZONE = 0.12
MIN_RING_COVER = 0.45
MIN_MIDDLE_COVER = 0.06


def looks_enclosed(mask: Mask) -> bool:
    """Tell whether a mask, cut out, may be a digit in a ring that touches it: to look again.

    Shapes: (H, W) bool, with ink in each outermost row and column.
    """
    if np.count_nonzero(mask) > MAX_RING_EXTENT * mask.size:
        return False
    tall, wide = mask.shape
    down, across = max(1, int(RING_ZONE * tall)), max(1, int(RING_ZONE * wide))
    middle = mask[tall // 4 : -(tall // 4) or None, wide // 4 : -(wide // 4) or None]
    if np.count_nonzero(middle) < MIN_MIDDLE_COVER * middle.size:
        return False
    sides = (mask[:down], mask[-down:], mask[:, :across].T, mask[:, -across:].T)
    return all(
        np.count_nonzero(side.any(axis=0)) >= MIN_RING_COVER * side.shape[1] for side in sides
    )


def find_enclosures(components: ComponentProperties, main: int, eligible: Flags) -> list[int]:
    """Return the components around the main one, or around others if the main one is around them.

    The outermost is the first.
    """
    around = eligible & (
        (components.top < components.top[main])
        & (components.left < components.left[main])
        & (components.bottom > components.bottom[main])
        & (components.right > components.right[main])
    )
    around[main] = True
    candidates = np.flatnonzero(around)
    largest_first = candidates[np.argsort(-components.height[candidates], kind="stable")]
    tried = largest_first[:MAX_TRIED].tolist()
    return [number for number in tried if _is_enclosure(components, number, eligible)]


def enclosed_by(components: ComponentProperties, enclosure: int) -> Flags:
    """Tell which components lie within the bounding box of another."""
    within: Flags = (
        (components.top > components.top[enclosure])
        & (components.left > components.left[enclosure])
        & (components.bottom < components.bottom[enclosure])
        & (components.right < components.right[enclosure])
    )
    return within


def _is_enclosure(components: ComponentProperties, number: int, eligible: Flags) -> bool:
    """Tell whether a component surrounds something of a digit's size, and has no ink in its way."""
    height, width = components.height, components.width
    if components.area[number] > MAX_EXTENT * height[number] * width[number]:
        return False
    within = eligible & enclosed_by(components, number)
    length = np.maximum(height, width)
    if length[within].max(initial=0) < MIN_ENCLOSED_LENGTH * length[number]:
        return False
    box = components.bounding_box(within)
    mask = components.runs.mask_of(np.arange(components.count) == number)
    return _surrounds(mask, box) and not _is_slashed_zero(components, number, within)


def _is_slashed_zero(components: ComponentProperties, ring: int, within: Flags) -> bool:
    """Tell whether a ring may be a zero, and what lies within it is one slanting bar."""
    height, width = int(components.height[ring]), int(components.width[ring])
    if width >= MAX_ZERO_ASPECT * height or np.count_nonzero(within) != 1:
        return False
    at_top = (components.runs.label == ring) & (
        components.run_rows - components.top[ring] < max(1, BOX_ZONE * height)
    )
    cover = components.run_ends[at_top].max() - components.run_starts[at_top].min() + 1
    return bool(cover < MIN_BOX_COVER * width) and _is_bar(components, int(within.argmax()))


def _is_bar(components: ComponentProperties, number: int) -> bool:
    """Tell whether a component is straight, and slants."""
    height, width = int(components.height[number]), int(components.width[number])
    own = components.runs.label == number
    if width < MIN_SLASH_SLANT * height or np.count_nonzero(own) > MAX_SLASH_RUNS * height:
        return False
    middles = (components.run_starts[own] + components.run_ends[own]) / 2
    stray = stray_from_line(components.run_rows[own], middles)
    return stray <= MAX_SLASH_STRAY * float(np.hypot(height, width))


def _surrounds(mask: Mask, box: Box) -> bool:
    """Tell whether a mask is seen on all four sides of a box, and hardly within it."""
    if np.count_nonzero(mask[box]) > MAX_INK_WITHIN * np.count_nonzero(mask):
        return False
    rows, columns = box
    across, down = mask[rows], mask[:, columns].T
    bands = (
        band[:, part]
        for band, side in ((across, columns), (down, rows))
        for part in (slice(side.start), slice(side.stop, None))
    )
    return all(
        np.count_nonzero(np.logical_or.reduce(band, axis=1)) / len(band) >= MIN_SURROUNDED
        for band in bands
    )
