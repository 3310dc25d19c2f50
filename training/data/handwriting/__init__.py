"""Generator of handwritten digits in forms that MNIST lacks: strokes, hands, pens, renderings."""

from training.data.handwriting.draw import draw_handwriting

__all__ = ["draw_handwriting"]
