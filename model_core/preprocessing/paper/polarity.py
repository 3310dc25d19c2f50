"""Which is ink: the light or the dark."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.image_ops.order_statistics import extremes, up_to
from model_core.preprocessing.paper.evenness import opening
from model_core.preprocessing.paper.topology import light_cuts_up_dark

Grey = NDArray[np.float32]

# What the narrowness of ink counts, against corners and border; and in a shadow's half light.
NARROW = 0.25
SHADOW = 1.0

# Where corners and border are no more than this share of the picture, they may be a frame: then
# narrowness counts more.
CROWDED = 0.55
FRAME = 1.0


# Where corners and border say no more than this, the pieces of light and dark may overrule them.
UNSURE = 0.6
# From this on they make it likely which is the ink.
LIKELY = 0.4
# With more half light than this share of the picture, light and dark have no pieces.
CRISP = 0.3


@dataclass(frozen=True, slots=True)
class Edge:
    """The means of a picture's corners, an eighth of its sides each, and its outermost pixels."""

    corners: tuple[float, ...]
    border: Grey


def edge_of(grey: Grey) -> Edge:
    """Return what is around a picture (H, W) float32; the pixels in the corners come twice."""
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    return Edge(tuple(mean(corner) for corner in corners_of(grey)), border)


def is_light_on_dark(grey: Grey, levels: Grey, edge: Edge) -> bool:
    """Tell whether the light parts are the ink.

    Shapes: ``grey`` (H, W) float32; ``levels`` (H * W,) are the same in order.
    The corners are paper, even of a digit that fills the frame; the border mostly is; and ink
    is narrow, while paper and shadows are not.
    """
    low, high = extremes(levels)
    contrast = max(high - low, 1e-6)
    corners = [(corner - low) / contrast - 0.5 for corner in edge.corners]
    border = (mean(edge.border) - low) / contrast - 0.5
    where_paper_is = 3 * sum(corners) / 4 + 0.5 * border
    light = where_paper_is <= 0
    shadow = max(corners) - min(corners) > 0.5 and _half_light(grey, low, high) > 0.15
    dark = up_to(levels, (low + high) / 2) / len(levels)
    crowded = (1 - dark if light else dark) > CROWDED
    weight = FRAME if crowded else SHADOW if shadow else NARROW
    if abs(where_paper_is) > weight:
        return light
    if _half_light(grey, low, high) < CRISP:
        likely = light if abs(where_paper_is) > LIKELY else None
        cuts_up = light_cuts_up_dark(grey > (low + high) / 2, likely)
        if cuts_up == light or (cuts_up is not None and abs(where_paper_is) < UNSURE):
            return cuts_up
    return where_paper_is - weight * _narrow(grey) <= 0


def corners_of(grey: Grey) -> list[Grey]:
    """Return the four corners, an eighth of the sides each."""
    tall, wide = (-(-side // 8) for side in grey.shape)
    return [part for row in (grey[:tall], grey[-tall:]) for part in (row[:, :wide], row[:, -wide:])]


def mean(values: Grey) -> float:
    """Return the mean of all; NumPy's own takes its time."""
    return float(np.add.reduce(values, axis=None)) / values.size


def _half_light(grey: Grey, low: float, high: float) -> float:
    """Return the share of pixels that are neither dark nor light."""
    half = abs(grey - (low + high) / 2) < 0.3 * (high - low)
    return np.count_nonzero(half) / half.size


def _narrow(grey: Grey) -> float:
    """Return from -1 to 1 whether narrow parts are dark or light."""
    light = float((np.square(grey - opening(grey, 8))).sum())
    dark = float((np.square(-grey - opening(-grey, 8))).sum())
    return (light - dark) / max(light + dark, 1e-6)
