"""Strokes: pixels that are darker than any line, with their soft edges."""

from model_core.preprocessing.image_ops.morphology import binary_dilation
from model_core.preprocessing.image_ops.types import Grey32, Mask

# Pixels from a stroke that is darker than any line: a fainter one is the stroke's own if it is no
# farther. Chosen so that the soft edges of strokes stay.
EDGE_PIXELS = 2


def near_strokes(contrast: Grey32, least: float) -> Mask:
    """Return which pixels are darker than any line, or near such a pixel.

    Shapes: (H, W) float32 -> (H, W) bool. Units: ``least``, a stroke's least contrast. What else is
    left is pieces of lines, as where they are crooked or cross.
    """
    near = contrast >= least
    for _ in range(EDGE_PIXELS):
        near = binary_dilation(near)
    return near
