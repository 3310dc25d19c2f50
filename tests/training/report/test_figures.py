"""The figures of the report: edge cases and text alternatives."""

import ast
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import training.report
from model_core.classifier import Classifier
from model_core.layers import Conv2d, Flatten, Linear
from model_core.metrics import reliability
from model_core.network import Sequential
from tests.training.report.samples import HISTORY, SEVEN, obedient, shown
from training.report.canvas import SCALE, WIDTH, to_png
from training.report.confusion_matrix import describe_confusion, draw_confusion
from training.report.filters import MOST, describe_filters, draw_filters, first_filters
from training.report.findings import examine
from training.report.learning_curves import History, describe_curves, draw_curves
from training.report.png import digit_png, sheet_png
from training.report.reliability_diagram import describe_calibration, draw_calibration
from training.report.theme import DARK, LIGHT, Theme


def size(png: bytes) -> tuple[int, int]:
    """Return width and height from a PNG header."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


def without_validation(history: History) -> History:
    """Return the history of a run without validation images."""
    return [
        {key: value for key, value in epoch.items() if not key.startswith("validation")}
        for epoch in history
    ]


@pytest.mark.parametrize(
    "history",
    [
        pytest.param(HISTORY, id="whole"),
        pytest.param(HISTORY[:1], id="one-epoch"),
        pytest.param(without_validation(HISTORY), id="no-validation"),
        pytest.param([*without_validation(HISTORY[:2]), HISTORY[2]], id="validated-at-the-end"),
        pytest.param([epoch | {"train_loss": 0.0} for epoch in HISTORY], id="no-loss-left"),
    ],
)
def test_curves_are_drawn_from_what_there_is(history: History) -> None:
    """Each quantity has its axes, and a line per recorded series."""
    figure = draw_curves(history, LIGHT)

    loss, accuracy, rate = figure.axes
    kinds = 1 + any("validation_loss" in epoch for epoch in history)
    assert len(loss.lines) == len(accuracy.lines) == kinds
    assert_array_equal(rate.lines[0].get_ydata(), [e["learning_rate"] for e in history])
    assert size(to_png(figure))[0] == WIDTH * SCALE


def test_the_text_alternative_of_the_curves() -> None:
    """The text has the validation accuracy only if it was recorded."""
    text = describe_curves(HISTORY)

    assert "3 epochs" in text
    assert "from 1.0000 to 0.3333 nats" in text
    assert "validation accuracy ends at 93.33%" in text
    assert "validation" not in describe_curves(without_validation(HISTORY))


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_confusion_matrix_shows_every_count(theme: Theme) -> None:
    """Each cell has its count on a background in the theme's colour."""
    figure = draw_confusion(examine(obedient(), SEVEN), theme)

    written = [int(text.get_text()) for text in figure.axes[0].texts]
    assert written == [2, 0, 0, 1, 2, 0, 1, 0, 1]


def test_ten_digits_have_room() -> None:
    """In a matrix of ten digits thousands have no comma."""
    findings = examine(obedient(tuple(range(10))), shown(*[(d, d) for d in range(10)] * 120))

    figure = draw_confusion(findings, LIGHT)

    assert len(figure.axes[0].texts) == 100
    assert describe_confusion(findings) == "Confusion matrix: 1,200 of 1,200 on the diagonal."


def test_the_text_alternative_of_the_confusion_matrix() -> None:
    """The text has the total and the most frequent mistake."""
    findings = examine(obedient(), shown((0, 0), (1, 0), (1, 2), (1, 2), (2, 2)))

    assert describe_confusion(findings) == (
        "Confusion matrix: 2 of 5 on the diagonal; most often 1 taken for 2, 2 of 3."
    )


def test_calibration_leaves_empty_bins_out() -> None:
    """Empty bins have no bar; the text has the share of the last bin."""
    diagram = reliability(np.array([[0.99, 0.01], [0.55, 0.45], [0.98, 0.02]]), np.zeros(3, int))

    figure = draw_calibration(diagram, LIGHT)

    assert len(figure.axes[0].patches) == 2
    assert "66.7% of the answers are in the bin of the highest" in describe_calibration(diagram)


def classifier(*layers: Conv2d | Flatten | Linear) -> Classifier:
    """Return a classifier of the given layers."""
    return Classifier(Sequential(*layers), labels=(0, 1), input_shape=(14, 14))


def test_filters_of_a_convolution_are_its_kernels(rng: np.random.Generator) -> None:
    """All kernels are shown, in order."""
    layer = Conv2d(1, 6, 3, rng=rng)

    filters = first_filters(classifier(layer, Flatten(), Linear(6 * 144, 2, rng=rng)))

    assert (filters.what, filters.total) == ("kernel", 6)
    assert_array_equal(filters.pictures, layer.weight.value[:, 0])
    assert describe_filters(filters).startswith("The weights of 6 kernels as pictures of 3x3")


def test_filters_of_a_hidden_layer_are_the_largest_as_pictures(rng: np.random.Generator) -> None:
    """The units with the largest norm are shown, in the order of the layer."""
    layer = Linear(196, MOST + 2, rng=rng)
    layer.weight.value[:, [0, 5]] = 0

    filters = first_filters(classifier(Flatten(), layer))

    rest = np.delete(layer.weight.value, [0, 5], axis=1).T
    assert (filters.what, filters.total) == ("hidden unit", MOST + 2)
    assert_array_equal(filters.pictures, rest.reshape(-1, 14, 14))


@pytest.mark.parametrize("units", [1, 4, 17, MOST])
def test_any_number_of_filters_is_drawn(units: int, rng: np.random.Generator) -> None:
    """An incomplete last row is drawn, too."""
    layer = Linear(196, units, rng=rng)
    layer.weight.value[...] = 0

    figure = draw_filters(first_filters(classifier(Flatten(), layer)), DARK)

    assert size(to_png(figure))[0] == WIDTH * SCALE


def test_a_digit_is_a_pixel_per_pixel() -> None:
    """Integers up to 255 and floats up to 1 give the same PNG."""
    assert size(digit_png(np.zeros((28, 28), np.uint8))) == (28, 28)
    assert digit_png(np.full((14, 14), 255, np.uint8)) == digit_png(np.ones((14, 14)))


@pytest.mark.parametrize(("count", "columns", "rows"), [(1, 1, 1), (10, 10, 1), (11, 10, 2)])
def test_the_sheet_has_ten_in_a_row(count: int, columns: int, rows: int) -> None:
    """The sheet has ten images per row, gaps of 2 pixels, and is enlarged three times."""
    sheet = sheet_png([np.zeros((28, 28), np.uint8)] * count)

    assert size(sheet) == (3 * (30 * columns + 2), 3 * (30 * rows + 2))


def test_no_state_is_shared() -> None:
    """No module of the report imports pyplot, whose figures are global."""
    for path in Path(training.report.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom | ast.Import):
                assert "pyplot" not in ast.unparse(node), path
