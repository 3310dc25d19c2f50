"""Topology of ink: it is connected, and divides the paper into several regions."""

import numpy as np

from model_core.preprocessing.image_ops.component_properties import ComponentProperties
from model_core.preprocessing.image_ops.connected_components import label_components, pad_rows
from model_core.preprocessing.image_ops.morphology import grey_erosion, window_size
from model_core.preprocessing.image_ops.types import Box, Mask

# Share of the picture: ink covers at most this, and so does paper. Chosen so that bold digits, cut
# off tightly, are right (`benchmarks.scenery`).
MAX_SHARE = 0.8

# Share of the picture: a smaller region is a speck, neither ink nor paper. Chosen so that noise
# does not count.
MAX_SPECK_SHARE = 0.01

# A hole holds a square with sides of 1 / this of the box around it and its surroundings: chosen so
# that it is wider than a stroke.
WIDE_HOLE_DIVISOR = 4

# The same where corners and border say that it is paper: chosen so that the narrow holes of a bold
# digit count.
NARROW_HOLE_DIVISOR = 6

# The surroundings of a hole are 1 / this of its longer side, and one pixel. Chosen so that the
# box's own border does not count as the picture's.
SURROUNDINGS_DIVISOR = 4


def is_light_ink_by_topology(light: Mask, likely: bool | None) -> bool | None:
    """Tell by topology whether the light part is the ink (True) or the dark part (False).

    Shapes: ``light`` (H, W) bool. Ink is one component, and the paper several. None if neither part
    is so, or if one of the regions may be a stroke itself; narrower regions are no strokes if the
    answer is the ``likely`` one.
    """
    if not 1 - MAX_SHARE < np.count_nonzero(light) / light.size < MAX_SHARE:
        return None
    regions = [_large_regions(mask) for mask in (light, ~light)]
    is_light = len(regions[0]) == 1
    if is_light == (len(regions[1]) == 1):
        return None
    paper = ~light if is_light else light
    divisor = NARROW_HOLE_DIVISOR if is_light is likely else WIDE_HOLE_DIVISOR
    divided = all(_is_paper(paper, box, divisor) for box in regions[is_light])
    return is_light if divided else None


def _large_regions(mask: Mask) -> list[Box]:
    """Return the bounding boxes of the connected components of a mask that are no specks."""
    padded = pad_rows(mask)
    components = ComponentProperties(label_components(padded, mask.shape), padded)
    large = components.area >= MAX_SPECK_SHARE * mask.size
    sides = (components.top, components.bottom, components.left, components.right)
    return [
        (slice(top, bottom + 1), slice(left, right + 1))
        for top, bottom, left, right in zip(*(side[large].tolist() for side in sides), strict=True)
    ]


def _is_paper(mask: Mask, box: Box, divisor: int) -> bool:
    """Tell whether a region lies at the border, or is as wide as the hole of a digit."""
    rows, columns = box
    ends = zip(box, mask.shape, strict=True)
    if any(side.start == 0 or side.stop == length for side, length in ends):
        return True
    shorter, longer = sorted((rows.stop - rows.start, columns.stop - columns.start))
    surroundings = 1 + longer // SURROUNDINGS_DIVISOR
    window = window_size((longer + 2 * surroundings,), divisor)
    padded = np.pad(mask[box].astype(np.float32), surroundings)
    return shorter >= window and bool(grey_erosion(padded, window).any())
