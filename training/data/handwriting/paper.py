"""Paper: a finished drawing with margins, contrast, polarity, grain, and JPEG's losses."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model_core.parameter import Array
from training.data.handwriting.strokes import Rng

# Share of the pictures that were stored as JPEG, and its qualities, from and to.
JPEG_SHARE = 0.25
JPEG_QUALITY = (30, 90)
# Largest margin, as a share of the drawing's longer side; a third of the pictures have none.
MAX_MARGIN = 0.5
NO_MARGIN = 0.33
# Contrast between paper and ink, from and to, as a share of the largest.
CONTRAST = (0.45, 1.0)


def on_paper(ink: Array, rng: Rng) -> NDArray[np.uint8]:
    """Return the picture of ink on paper, dark on light or light on dark.

    Shapes: ``ink`` (H, W) float32 in 0..1 -> (H + margins, W + margins) uint8.
    """
    contrast = rng.uniform(*CONTRAST) if rng.random() < 0.5 else 1.0
    level = rng.uniform(0, 1 - contrast)
    grey = 255 * (level + contrast * _with_margins(ink, rng))
    if contrast < 1:
        grey = grey + rng.normal(0, rng.uniform(0, 4), grey.shape)
    pixels = np.clip(np.rint(grey), 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        pixels = 255 - pixels
    return _through_jpeg(pixels, rng) if rng.random() < JPEG_SHARE else pixels


def _with_margins(ink: Array, rng: Rng) -> Array:
    (height, width), most = ink.shape, 0.0
    if rng.random() >= NO_MARGIN:
        most = rng.uniform(0, MAX_MARGIN)
    sides = np.rint(rng.uniform(0, most * max(ink.shape) + 1e-9, 4)).astype(int).tolist()
    top, bottom, left, right = sides
    paper = np.zeros((top + height + bottom, left + width + right), np.float32)
    paper[top : top + height, left : left + width] = ink
    return paper


def _through_jpeg(pixels: NDArray[np.uint8], rng: Rng) -> NDArray[np.uint8]:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=int(rng.integers(*JPEG_QUALITY)))
    return np.asarray(Image.open(stream))
