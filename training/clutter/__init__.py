"""Pictures of what is no digit, drawn by chance."""

from training.clutter.digits import Known
from training.clutter.draw import draw_clutter
from training.clutter.lookalikes import lookalikes

__all__ = ["Known", "draw_clutter", "lookalikes"]
