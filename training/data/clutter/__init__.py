"""Pictures of what is no digit, drawn by chance."""

from training.data.clutter.digits import Known
from training.data.clutter.draw import draw_clutter
from training.data.clutter.lookalikes import lookalikes

__all__ = ["Known", "draw_clutter", "lookalikes"]
