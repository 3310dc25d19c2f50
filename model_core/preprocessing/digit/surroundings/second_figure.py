"""A second figure beside the digit: then the picture shows two, and none is the answer."""

import numpy as np

from model_core.preprocessing.image_ops.component_properties import ComponentProperties
from model_core.preprocessing.image_ops.types import Flags

# Share of the main component's longer side: a second figure is at least so long. Chosen so that
# small figures beside a digit are none.
MIN_LENGTH = 0.55

# Share of the main component's greatest contrast that a second figure has. Chosen so that what
# shows through the paper is none.
MIN_CONTRAST = 0.5

# Share of the main component's height between two parts of what was selected: with more they are
# two figures; with more than the second they may be, or the two strokes of a 4.
MIN_GAP = 0.2
MIN_DOUBTFUL_GAP = 0.1

# Widths, as a share of its height, of each of two parts that are figures in this doubt already.
# Chosen so that the stem of a 4, or a 1, is narrower.
MIN_FIGURE_WIDTH = 0.35

# Heights, as a share of that of both together, of each of two parts that are figures in this doubt,
# whatever their widths. Chosen so that the arm of a 4, which ends above its stem, is less.
MIN_FIGURE_HEIGHT = 0.75

# Trust in a digit that may be two.
DOUBTFUL = 0.25


def trust_in_one(components: ComponentProperties, digit: Flags, others: Flags) -> float:
    """Return the trust that there is one digit: 0 with a figure of about its size beside it.

    Shapes: (N,) both; ``digit`` are the components selected, ``others`` those that might be another
    digit. A second figure may be among both, as two close together are selected together.
    """
    length = np.maximum(components.height, components.width)
    main = int(np.argmax(np.where(digit, components.intensity_sum, -1)))
    peak = components.intensity_max
    similar = (length >= MIN_LENGTH * length[main]) & (peak >= MIN_CONTRAST * peak[main])
    if (similar & others & ~digit).any():
        return 0.0
    high = similar & digit & (components.height >= MIN_LENGTH * components.height[main])
    gaps = np.maximum(
        components.left - components.right[main], components.left[main] - components.right
    )
    gap = gaps[high].max() / components.height[main]
    if gap <= MIN_DOUBTFUL_GAP:
        return 1.0
    second = int(np.argmax(np.where(high, gaps, -np.inf)))
    return 0.0 if gap > MIN_GAP or _are_figures(components, main, second) else DOUBTFUL


def _are_figures(components: ComponentProperties, main: int, second: int) -> bool:
    """Tell whether two parts are each wide enough, or each high enough, for a digit."""
    both = np.array([main, second])
    heights, widths = components.height[both], components.width[both]
    height = components.bottom[both].max() - components.top[both].min() + 1
    wide = widths >= MIN_FIGURE_WIDTH * heights
    return bool(wide.all() or (heights >= MIN_FIGURE_HEIGHT * height).all())
