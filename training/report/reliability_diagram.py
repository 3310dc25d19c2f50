"""The reliability diagram: accuracy over confidence."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from model_core.metrics import Reliability
from training.report.canvas import add_legend, new_figure, style_axes
from training.report.theme import Theme


def draw_calibration(reliability: Reliability, theme: Theme) -> Figure:
    """Draw the reliability diagram, and below it the number of answers by confidence."""
    figure = new_figure(390, theme)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1.2])
    handles = _draw_accuracy(upper, reliability, theme)
    _draw_counts(lower, reliability, theme)
    add_legend(figure, handles, theme)
    return figure


def describe_calibration(reliability: Reliability) -> str:
    """Return a text alternative of the figure."""
    last = reliability.counts[-1] / reliability.counts.sum()
    return (
        f"Reliability diagram: the expected calibration error is "
        f"{reliability.calibration_error:.2%} over {len(reliability.counts)} bins; "
        f"{last:.1%} of the answers are in the bin of the highest confidence."
    )


def _draw_accuracy(axes: Axes, reliability: Reliability, theme: Theme) -> list[Any]:
    """Draw bars, gaps and the diagonal; return the handles for the legend."""
    filled = reliability.counts > 0
    bars = axes.bar(
        _centres(reliability)[filled],
        reliability.accuracy[filled],
        width=0.86 / len(filled),
        color=theme.right,
        alpha=0.55,
        label="accuracy",
    )
    confidence, accuracy = reliability.confidence[filled], reliability.accuracy[filled]
    axes.vlines(confidence, confidence, accuracy, color=theme.wrong, linewidth=1.2)
    (means,) = axes.plot(
        confidence, confidence, "o", color=theme.wrong, markersize=3.6, label="confidence"
    )
    (perfect,) = axes.plot([0, 1], [0, 1], "--", color=theme.muted, linewidth=1, label="perfect")
    axes.set(xlim=(0, 1), ylim=(0, 1.03), yticks=np.linspace(0, 1, 6))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    style_axes(axes, theme, title="Accuracy by confidence")
    return [bars, means, perfect]


def _draw_counts(axes: Axes, reliability: Reliability, theme: Theme) -> None:
    axes.bar(
        _centres(reliability),
        reliability.counts,
        width=0.86 / len(reliability.counts),
        color=theme.muted,
        alpha=0.6,
    )
    axes.set_yscale("log")
    axes.set_ylim(bottom=0.7)
    axes.minorticks_off()
    axes.set_xlabel("confidence")
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    style_axes(axes, theme, title="Answers")


def _centres(reliability: Reliability) -> NDArray[np.float64]:
    bins = len(reliability.counts)
    return (np.arange(bins) + 0.5) / bins
