"""Cut-off objects: short components at the border that are the end of something larger."""

import numpy as np

from model_core.preprocessing.image_ops.component_properties import ComponentProperties
from model_core.preprocessing.image_ops.types import Flags

# Share of the picture's shorter side: a shorter component may be the end of something larger.
# Chosen so that a piece of a neighbour is, and a whole digit is not.
MAX_CUT_OFF_LENGTH = 0.4

# Length by width of a bar, the end of a frame's line, which is shorter than the line.
MIN_BAR_ELONGATION = 3

# A bar lies within 1 / this of the picture's shorter side of the border. When bars were only looked
# for within a 40th, five of 200 empty cells with a crooked border were read as a 1, now one
# (`benchmarks.scenery`).
BAR_ZONE_DIVISOR = 20

# Share of a component's side that lies in the outermost pixels, if it is a block at the border.
# Chosen so that the corner of a table is a block.
MIN_FLAT_SIDE = 0.6

# Share of its bounding box that a block fills. Chosen so that a triangle, as of a table, does.
MIN_BLOCK_EXTENT = 0.45


def is_cut_off(components: ComponentProperties) -> Flags:
    """Tell which components are the end of something larger: short, a bar or a block."""
    if not _comes_near_border(components):
        return np.zeros(components.count, np.bool_)
    limit = MAX_CUT_OFF_LENGTH * min(components.shape)
    short: Flags = np.maximum(components.height, components.width) < limit
    if not short.any():
        return short
    return short & (_is_bar(components) | _is_block(components))


def _bar_zone(components: ComponentProperties) -> int:
    """Return how many pixels from the outermost ones a bar may lie."""
    return min(components.shape) // BAR_ZONE_DIVISOR


def _comes_near_border(components: ComponentProperties) -> bool:
    """Tell whether any component lies where a bar or a block may, unlike a digit with a margin."""
    zone = _bar_zone(components)
    return any(
        within.start <= zone or within.stop >= side - zone
        for within, side in zip(components.box, components.shape, strict=True)
    )


def _is_bar(components: ComponentProperties) -> Flags:
    """Tell which components are long, narrow, and along the border or close to it."""
    tall, wide = components.shape
    zone = _bar_zone(components)
    beside = (components.left <= zone) | (components.right >= wide - 1 - zone)
    at_end = (components.top <= zone) | (components.bottom >= tall - 1 - zone)
    height, width = components.height, components.width
    upright = beside & (height >= MIN_BAR_ELONGATION * width)
    level = at_end & (width >= MIN_BAR_ELONGATION * height)
    return upright | level


def _is_block(components: ComponentProperties) -> Flags:
    """Tell which components lie with most of a side in the outermost pixels, and fill their box."""
    tall, wide = components.shape
    height, width = components.height, components.width
    in_sides = (components.run_starts == 0, components.run_ends == wide - 1)
    in_ends = (components.run_rows == 0, components.run_rows == tall - 1)
    length = components.run_ends - components.run_starts + 1
    down = [components.sum_over_runs(side.astype(np.intp)) / height for side in in_sides]
    across = [components.sum_over_runs(np.where(end, length, 0)) / width for end in in_ends]
    flat = np.maximum.reduce([*down, *across]) >= MIN_FLAT_SIDE
    blocks: Flags = flat & (components.area >= MIN_BLOCK_EXTENT * height * width)
    return blocks
