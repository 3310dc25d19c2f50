"""Drawing of lines, and conversion of a drawing to MNIST's format."""

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from model_core.parameter import Array
from model_core.preprocessing.digit.placement import centre_by_mass, scale_to_box
from training.data.augmentation import Pixels
from training.data.handwriting.pen import round_pen

# Pixels per side of a drawing: twice the final size, so that edges are smooth.
SIZE = 40
MARGIN = 3
# Share of the darkest ink below which a pixel counts as empty when a drawing is cropped.
FAINT = 0.1

_renderer = RendererAgg(SIZE, SIZE, 72)
_pen = round_pen(_renderer)


def draw_lines(lines: list[Array], width: float) -> Array:
    """Draw polylines with round ends.

    Shapes: each of ``lines`` (N, 2), x and y from the upper left corner, 0..1 -> (SIZE, SIZE)
    float32 in 0..1.
    Units: ``width`` in pixels of the drawing.
    """
    _pen.set_linewidth(width)
    side = SIZE - 2 * MARGIN
    inner = Affine2D().scale(side, -side).translate(MARGIN, SIZE - MARGIN)  # y grows upwards there
    _renderer.clear()
    for line in lines:
        _renderer.draw_path(_pen, Path(line), inner)
    ink: Array = np.asarray(_renderer.buffer_rgba())[..., 3].astype(np.float32) / 255
    return ink


def to_mnist_format(ink: Array) -> Pixels:
    """Crop a drawing, scale it into 20x20 and centre it by mass in 28x28, as uploads are.

    Shapes: (H, W) float32 in 0..1 -> (28, 28) uint8; black if there is no ink.
    """
    drawing = crop(ink)
    return (
        centre_by_mass(scale_to_box(drawing)[0]) if drawing.size else np.zeros((28, 28), np.uint8)
    )


def crop(ink: Array) -> Array:
    """Crop a drawing to the bounding box of its ink."""
    rows, columns = (np.flatnonzero((ink > FAINT * ink.max()).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return ink[:0]
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
