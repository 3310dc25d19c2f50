"""Renderings: how handwriting reaches the service, as pens, bitmaps, scans and counts of pixels."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_core.parameter import Array
from model_core.preprocessing import normalise
from model_core.preprocessing.image_ops.area_resize import area_resize_small
from training.data.handwriting import finishes
from training.data.handwriting.paper import on_paper
from training.data.handwriting.pen import draw_ink
from training.data.handwriting.strokes import Rng

Pixels = NDArray[np.uint8]
Finish = Callable[[Array, Rng], Array]


@dataclass(frozen=True, slots=True)
class Rendering:
    """A way to render strokes.

    Units: ``share`` of all renderings; ``height`` in pixels, from and to; ``stroke`` is the width,
    from and to, as a share of the height.
    """

    share: float
    height: tuple[int, int]
    stroke: tuple[float, float]
    finish: Finish


RENDERINGS: dict[str, Rendering] = {
    "pen": Rendering(0.20, (30, 70), (0.05, 0.11), finishes.as_drawn),
    "thin": Rendering(0.17, (26, 90), (0.012, 0.035), finishes.thin),
    "marker": Rendering(0.12, (30, 70), (0.11, 0.2), finishes.as_drawn),
    "16x16, two values": Rendering(0.14, (60, 61), (0.05, 0.22), finishes.bitmap_16),
    "32x32, ragged": Rendering(0.10, (44, 64), (0.05, 0.14), finishes.ragged_32),
    "blotted": Rendering(0.09, (40, 60), (0.18, 0.3), finishes.blotted),
    "8x8, counts of pixels": Rendering(0.08, (64, 65), (0.06, 0.16), finishes.counts_8),
    "scan": Rendering(0.10, (18, 30), (0.06, 0.14), finishes.scan),
}


def render(lines: list[Array], rng: Rng) -> Pixels:
    """Render the polylines of a unit square at random and normalise the picture as uploads are.

    Shapes: each line (N, 2) -> (28, 28) uint8; black if nothing is left.
    """
    how = _choose(rng)
    height = float(rng.uniform(*how.height))
    ink = draw_ink(lines, height, height * rng.uniform(*how.stroke), rng)
    return _normalised(how.finish(ink, rng), rng)


def render_bitmap(ink: Array, rng: Rng) -> Pixels:
    """Render a drawing, as a letter of a typeface, in the same ways; its strokes stay as they are.

    Shapes: ``ink`` (H, W) float32 in 0..1, cropped -> (28, 28) uint8; black if nothing is left.
    """
    how = _choose(rng)
    scale = float(rng.uniform(*how.height)) / max(ink.shape)
    height, width = (max(3, round(side * scale)) for side in ink.shape)
    return _normalised(how.finish(np.pad(area_resize_small(ink, (height, width)), 1), rng), rng)


def _choose(rng: Rng) -> Rendering:
    kinds = list(RENDERINGS.values())
    return kinds[int(rng.choice(len(kinds), p=[each.share for each in kinds]))]


def _normalised(ink: Array, rng: Rng) -> Pixels:
    return normalise(on_paper(ink, rng)).pixels
