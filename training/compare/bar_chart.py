"""Bar chart of seconds per epoch, one panel for each workload."""

from io import BytesIO
from itertools import groupby
from typing import TYPE_CHECKING

from training.compare.comparison import Comparison
from training.compare.measure import Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OURS, OTHERS = "#0072b2", "#999999"


def picture(comparison: Comparison) -> bytes:
    """Return the chart as PNG, with a white background for light and dark pages alike."""
    from matplotlib.figure import Figure

    works = [(work, list(rows)) for work, rows in groupby(comparison.rows, lambda row: row.work)]
    figure = Figure(figsize=(8, 1.7 * len(works) + 0.6), layout="constrained", facecolor="white")
    panels = figure.subplots(len(works), squeeze=False)[:, 0]
    for axes, (work, rows) in zip(panels, works, strict=True):
        _draw(axes, work, [row for row in rows if row.epoch_seconds is not None])
        axes.set_xlim(*_limits(comparison))
    images = f"{comparison.train_images:,} images"
    panels[-1].set_xlabel(f"seconds per epoch of {images}, logarithmic; shorter is better")
    stream = BytesIO()
    figure.savefig(stream, format="png", dpi=130)
    return stream.getvalue()


def _limits(comparison: Comparison) -> tuple[float, float]:
    """Return the limits of the common axis, with room for the numbers beside the bars."""
    seconds = [row.epoch_seconds for row in comparison.rows if row.epoch_seconds is not None]
    return min(seconds) / 2, max(seconds) * 2


def _draw(axes: "Axes", work: str, rows: list[Row]) -> None:
    names = [row.system for row in rows]
    seconds = [row.epoch_seconds or 0.0 for row in rows]
    colours = [OURS if name == "digitserve" else OTHERS for name in names]
    bars = axes.barh(names, seconds, color=colours)
    labels = [f"{row.epoch_seconds:.2g} s" for row in rows]
    axes.bar_label(bars, labels, padding=3, fontsize=9)
    axes.set_title(work, loc="left", fontsize=10)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter("")
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)
