"""Pictures of what is no digit, drawn by chance."""

from training.clutter.draw import draw_clutter
from training.clutter.lookalikes import lookalikes

__all__ = ["draw_clutter", "lookalikes"]
