"""Topology of ink: it is connected, and divides the paper into several regions."""

import numpy as np

from model_core.preprocessing.image_ops.component_properties import ComponentProperties
from model_core.preprocessing.image_ops.connected_components import label_components, pad_rows
from model_core.preprocessing.image_ops.morphology import grey_erosion, window_size
from model_core.preprocessing.image_ops.types import Box, Flags, Mask

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
    regions = [_components(mask) for mask in (light, ~light)]
    single = [int(np.count_nonzero(_are_large(region))) == 1 for region in regions]
    if single[0] == single[1]:
        return None
    is_light = single[0]
    paper = ~light if is_light else light
    divisor = NARROW_HOLE_DIVISOR if is_light is likely else WIDE_HOLE_DIVISOR
    divided = all(_is_paper(paper, box, divisor) for box in _bounding_boxes(regions[is_light]))
    return is_light if divided else None


def _components(mask: Mask) -> ComponentProperties:
    """Return the connected components of a mask."""
    padded = pad_rows(mask)
    return ComponentProperties(label_components(padded, mask.shape), padded)


def _are_large(components: ComponentProperties) -> Flags:
    """Tell which components are no specks."""
    tall, wide = components.shape
    large: Flags = components.area >= MAX_SPECK_SHARE * (tall * wide)
    return large


def _bounding_boxes(components: ComponentProperties) -> list[Box]:
    """Return the bounding boxes of components, without specks."""
    large = _are_large(components)
    sides = (components.top, components.bottom, components.left, components.right)
    return [
        (slice(top, bottom + 1), slice(left, right + 1))
        for top, bottom, left, right in zip(*(side[large].tolist() for side in sides), strict=True)
    ]


def _is_paper(mask: Mask, box: Box, divisor: int) -> bool:
    """Tell whether a region lies at the border, or is as wide as the hole of a digit."""
    rows, columns = box
    if rows.start == 0 or columns.start == 0:
        return True
    if rows.stop == mask.shape[0] or columns.stop == mask.shape[1]:
        return True
    shorter, longer = sorted((rows.stop - rows.start, columns.stop - columns.start))
    surroundings = 1 + longer // SURROUNDINGS_DIVISOR
    window = window_size((longer + 2 * surroundings,), divisor)
    if shorter < window:
        return False
    return _holds_square(mask[box], surroundings, window)


def _holds_square(region: Mask, surroundings: int, window: int) -> bool:
    """Tell whether a region, ``surroundings`` pixels wider all around, holds a square window."""
    height, width = region.shape
    padded = np.zeros((height + 2 * surroundings, width + 2 * surroundings), np.float32)
    padded[surroundings : surroundings + height, surroundings : surroundings + width] = region
    return bool(np.maximum.reduce(grey_erosion(padded, window), axis=None) > 0)
