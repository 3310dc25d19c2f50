"""The figures of the report, each in a light and a dark theme, with a text alternative."""

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.figure import Figure

from model_core.weights import Pretrained
from training.report.canvas import to_png
from training.report.confusion_matrix import describe_confusion, draw_confusion
from training.report.filters import Filters, describe_filters, draw_filters
from training.report.findings import Findings
from training.report.learning_curves import describe_curves, draw_curves
from training.report.reliability_diagram import describe_calibration, draw_calibration
from training.report.theme import DARK, LIGHT, Theme

FIGURES = ("curves", "reliability", "confusion", "filters")


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure as PNG in both themes, with its text alternative ``alt``."""

    alt: str
    light: bytes
    dark: bytes


def draw_figures(
    pretrained: Pretrained, findings: Findings, filters: Filters
) -> dict[str, Picture]:
    """Return the figures by name; without a recorded history there are no learning curves."""
    history, reliability = pretrained.card.history, findings.reliability
    pictures = {
        "confusion": _picture(
            describe_confusion(findings), lambda theme: draw_confusion(findings, theme)
        ),
        "reliability": _picture(
            describe_calibration(reliability), lambda theme: draw_calibration(reliability, theme)
        ),
        "filters": _picture(describe_filters(filters), lambda theme: draw_filters(filters, theme)),
    }
    if history:
        pictures["curves"] = _picture(
            describe_curves(history), lambda theme: draw_curves(history, theme)
        )
    return pictures


def _picture(alt: str, draw: Callable[[Theme], Figure]) -> Picture:
    return Picture(alt, light=to_png(draw(LIGHT)), dark=to_png(draw(DARK)))
