"""The pen: polylines drawn as ink, with a round nib or a broad one that tapers off."""

import math

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from model_core.parameter import Array
from training.data.handwriting.strokes import Rng

# Pixels per side of the largest drawing.
SIZE = 160
# Share of the width that a broad nib has across its narrow direction.
NARROW = 0.45
# Share of a line at either end over which a broad nib's line tapers off.
TAPER = 0.25
# Points of a piece that is drawn with one width.
PIECE = 3


def round_pen(renderer: RendererAgg) -> GraphicsContextBase:
    """Return a renderer's pen with round ends; its width is set before a line is drawn.

    Units: one point of the width is one pixel of a renderer of 72 dots per inch.
    """
    pen = renderer.new_gc()
    pen.set_capstyle("round")
    pen.set_joinstyle("round")
    pen.set_snap(False)  # to whole pixels, which makes short lines vanish
    return pen


_renderer = RendererAgg(SIZE, SIZE, 72)
_pen = round_pen(_renderer)


def draw_ink(lines: list[Array], height: float, width: float, rng: Rng) -> Array:
    """Draw polylines of a unit square; half of them with a broad nib.

    Shapes: each line (N, 2) -> (H, W) float32 in 0..1, cropped to the ink.
    Units: ``height``, of the longer side without the ink, and ``width`` in pixels.
    """
    margin = width / 2 + 1
    scale = min(height, SIZE - 2 * margin)
    to_pixels = Affine2D().scale(scale, -scale).translate(margin, SIZE - margin)
    pieces = _broad(lines, rng) if rng.random() < 0.5 else [(line, 1.0) for line in lines]
    _renderer.clear()
    for line, share in pieces:
        _pen.set_linewidth(max(width * share, 0.5))
        _renderer.draw_path(_pen, Path(line), to_pixels)
    points = np.concatenate(lines).max(axis=0) * scale + 2 * margin
    wide, tall = (min(SIZE, math.ceil(side)) for side in points)
    ink: Array = np.asarray(_renderer.buffer_rgba())[:tall, :wide, 3].astype(np.float32) / 255
    return ink


def _broad(lines: list[Array], rng: Rng) -> list[tuple[Array, float]]:
    """Cut lines into pieces, each with its width: by direction, and less towards the ends."""
    nib, taper = rng.uniform(0, np.pi), rng.uniform(0, 0.6)
    pieces = []
    for line in lines:
        count = len(line)
        for start in range(0, count - 1, PIECE - 1):
            piece = line[start : start + PIECE]
            across, down = (piece[-1] - piece[0]).tolist()
            direction = abs(math.sin(math.atan2(down, across) - nib))
            place = (start + len(piece) / 2) / count
            end = min(1.0, min(place, 1 - place) / TAPER)
            share = (NARROW + (1 - NARROW) * direction) * (1 - taper * (1 - end))
            pieces.append((piece, share))
    return pieces
