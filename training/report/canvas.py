"""Matplotlib figures in the page's colours, without pyplot's global state."""

import io
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from training.report.theme import Theme

# Pixels of the PNG per pixel of the page: sharp on high-density screens and when enlarged.
SCALE = 3
WIDTH = 320
# Points; 1.39 pixels of the page each, before it scales the picture to its column.
TEXT, SMALL = 9.5, 8.5


def new_figure(height: int, theme: Theme) -> Figure:
    """Return an empty figure, as wide as a telephone screen.

    Units: ``height`` in pixels of the page.
    """
    figure = Figure(figsize=(WIDTH / 100, height / 100), facecolor=theme.card, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def style_axes(axes: Axes, theme: Theme, *, title: str = "", grid: bool = True) -> None:
    """Style axes: the colours of the theme, a title at the left, no frame."""
    axes.set_facecolor(theme.card)
    axes.set_title(title, loc="left", fontsize=TEXT, color=theme.text, pad=6)
    axes.tick_params(which="both", length=0, labelsize=SMALL, labelcolor=theme.muted)
    axes.xaxis.label.set(color=theme.muted, fontsize=SMALL)
    axes.yaxis.label.set(color=theme.muted, fontsize=SMALL)
    for side in axes.spines.values():
        side.set_visible(False)
    if grid:
        axes.grid(axis="y", color=theme.line, linewidth=0.8)
        axes.set_axisbelow(True)


def add_legend(figure: Figure, handles: Sequence[Any], theme: Theme) -> None:
    """Add a legend in one row above the figure."""
    figure.legend(
        handles=list(handles),
        loc="outside upper left",
        ncols=len(handles),
        frameon=False,
        fontsize=SMALL,
        labelcolor=theme.text,
        handlelength=1.4,
        columnspacing=1.4,
        borderaxespad=0.2,
    )


def to_png(figure: Figure) -> bytes:
    """Encode a figure as PNG; the same figure gives the same bytes."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=100 * SCALE, metadata={"Software": None})
    return stream.getvalue()
