"""Drawing lines, and bringing a drawing to the form of an MNIST digit."""

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from model_core.parameter import Array
from model_core.preprocessing.digit.placement import place, scale
from training.data.augmentation import Pixels

# Drawings are so many pixels wide and high: twice what is left of them, so that edges are smooth.
SIZE = 40
MARGIN = 3
# Less than this share of the darkest ink is no ink when a drawing is cut out.
FAINT = 0.1

# One point of line width is one pixel.
_renderer = RendererAgg(SIZE, SIZE, 72)


def draw_lines(lines: list[Array], width: float) -> Array:
    """Return connected lines with round ends, as ink.

    Shapes: each of ``lines`` (N, 2), x and y from the upper left corner, 0..1 -> (SIZE, SIZE)
    float32 in 0..1.
    Units: ``width`` in pixels of the drawing.
    """
    pen = _renderer.new_gc()
    pen.set_linewidth(width)
    pen.set_capstyle("round")
    pen.set_joinstyle("round")
    pen.set_snap(False)  # to whole pixels, which makes short lines vanish
    side = SIZE - 2 * MARGIN
    inner = Affine2D().scale(side, -side).translate(MARGIN, SIZE - MARGIN)  # y grows upwards there
    _renderer.clear()
    for line in lines:
        _renderer.draw_path(pen, Path(line), inner)
    ink: Array = np.asarray(_renderer.buffer_rgba())[..., 3].astype(np.float32) / 255
    return ink


def fit(ink: Array) -> Pixels:
    """Cut a drawing out, scale it into 20x20 and place it by its mass in 28x28, as uploads are.

    Shapes: (H, W) float32 in 0..1 -> (28, 28) uint8; black if there is no ink.
    """
    drawing = cut(ink)
    return place(scale(drawing)[0]) if drawing.size else np.zeros((28, 28), np.uint8)


def cut(ink: Array) -> Array:
    """Return the part of a drawing that has ink."""
    rows, columns = (np.flatnonzero((ink > FAINT * ink.max()).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return ink[:0]
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
