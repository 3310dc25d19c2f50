"""The learning curves: loss, accuracy and learning rate by epoch."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, PercentFormatter

from training.report.canvas import add_legend, new_figure, style_axes
from training.report.theme import Theme

History = Sequence[dict[str, float]]


def draw_curves(history: History, theme: Theme) -> Figure:
    """Draw the learning curves of a model card's ``history`` with at least one epoch."""
    figure = new_figure(450, theme)
    figure.set_layout_engine("constrained", h_pad=0.08)
    loss, accuracy, rate = figure.subplots(3, 1, sharex=True, height_ratios=[3, 3, 1.6])
    lines = [
        _draw(loss, history, "train_loss", theme.right, "training", "o"),
        _draw(loss, history, "validation_loss", theme.wrong, "validation", "s"),
    ]
    _draw(accuracy, history, "train_accuracy", theme.right, "training", "o")
    _draw(accuracy, history, "validation_accuracy", theme.wrong, "validation", "s")
    _draw(rate, history, "learning_rate", theme.muted, "learning rate", "")
    if min(_values(history, "train_loss") + _values(history, "validation_loss")) > 0:
        loss.set_yscale("log")
    style_axes(loss, theme, title="Loss, nats")
    style_axes(accuracy, theme, title="Accuracy")
    style_axes(rate, theme, title="Learning rate")
    accuracy.yaxis.set_major_formatter(PercentFormatter(1))
    top = max(_values(history, "learning_rate"))
    rate.set_yticks([0, top], labels=["0", f"{top:.2g}"])
    rate.set_xlabel("epoch")
    rate.xaxis.set_major_locator(MaxNLocator(integer=True))
    add_legend(figure, [line for line in lines if line], theme)
    return figure


def describe_curves(history: History) -> str:
    """Return a text alternative of the figure."""
    first, last = history[0], history[-1]
    text = (
        f"Learning curves over {len(history)} epochs: the training loss goes from "
        f"{first['train_loss']:.4f} to {last['train_loss']:.4f} nats, the training accuracy from "
        f"{first['train_accuracy']:.2%} to {last['train_accuracy']:.2%}"
    )
    if "validation_accuracy" in last:
        text += f"; the validation accuracy ends at {last['validation_accuracy']:.2%}"
    return f"{text}."


def _draw(
    axes: Axes, history: History, key: str, color: str, label: str, marker: str
) -> Line2D | None:
    noted = [epoch for epoch in history if key in epoch]
    if not noted:
        return None
    (line,) = axes.plot(
        [epoch["epoch"] for epoch in noted],
        [epoch[key] for epoch in noted],
        color=color,
        label=label,
        linewidth=1.6,
        marker=marker if len(noted) <= 20 else "",
        markersize=3.2,
    )
    return line


def _values(history: History, key: str) -> list[float]:
    return [epoch[key] for epoch in history if key in epoch]
