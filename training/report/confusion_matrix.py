"""The confusion matrix as a figure."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray

from training.report.canvas import TEXT, new_figure, style_axes
from training.report.findings import Findings
from training.report.theme import Theme


def draw_confusion(findings: Findings, theme: Theme) -> Figure:
    """Draw the confusion matrix; the colour of a mistake grows stronger with its count."""
    matrix, labels = findings.confusion, list(map(str, findings.labels))
    figure = new_figure(330, theme)
    axes = figure.subplots()
    axes.imshow(_colors(matrix, theme))
    for row, column in np.ndindex(matrix.shape):
        _write(axes, row, column, int(matrix[row, column]), theme, few=len(labels) < 7)
    axes.set_xticks(range(len(labels)), labels)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xticks(np.arange(1, len(labels)) - 0.5, minor=True)
    axes.set_yticks(np.arange(1, len(labels)) - 0.5, minor=True)
    axes.set_xlabel("answer")
    axes.set_ylabel("truth")
    style_axes(axes, theme, grid=False)
    axes.grid(which="minor", color=theme.card, linewidth=3)
    axes.tick_params(labelsize=TEXT, labelcolor=theme.text)
    return figure


def describe_confusion(findings: Findings) -> str:
    """Return a text alternative of the figure."""
    matrix, labels = findings.confusion, findings.labels
    text = f"Confusion matrix: {np.trace(matrix):,} of {findings.images:,} on the diagonal"
    mistakes = _mistakes(matrix)
    if not mistakes.any():
        return f"{text}."
    row, column = np.unravel_index(mistakes.argmax(), mistakes.shape)
    most = f"{labels[row]} taken for {labels[column]}, {mistakes.max():,} of {matrix[row].sum():,}"
    return f"{text}; most often {most}."


def _mistakes(matrix: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the matrix with 0 on its diagonal."""
    return matrix * (1 - np.eye(len(matrix), dtype=np.int64))


def _colors(matrix: NDArray[np.int64], theme: Theme) -> NDArray[np.float64]:
    """Return a colour per cell, (K, K, 3) in 0..1, light enough for text."""
    card, line, right, wrong = (
        np.array(to_rgb(c)) for c in (theme.card, theme.line, theme.right, theme.wrong)
    )
    mistakes = _mistakes(matrix)
    share = (np.sqrt(mistakes / max(1, mistakes.max())) * 0.55)[:, :, None]
    colors: NDArray[np.float64] = np.where(
        share > 0, card + (wrong - card) * share, card + (line - card) * 0.35
    )
    diagonal = np.arange(len(matrix))
    colors[diagonal, diagonal] = card + (right - card) * 0.22
    return colors


def _write(axes: Axes, row: int, column: int, count: int, theme: Theme, *, few: bool) -> None:
    axes.text(
        column,
        row,
        f"{count:,}" if few else str(count),
        ha="center",
        va="center",
        color=theme.text if count else theme.muted,
        fontsize=TEXT if few else TEXT * 0.7,
        fontweight="bold" if count and row != column else "normal",
    )
