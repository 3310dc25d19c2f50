"""Orientation of a page by the content of its boxes."""

from collections.abc import Sequence

import numpy as np
import pytest

from app.inference.sheets.orientation import upright_turns
from app.sheets.cropping.crop import crop_box
from app.sheets.finder import find_boxes
from app.sheets.geometry.orientation import turn_page
from app.sheets.page import SheetPage
from model_core.preprocessing.image_ops.types import Grey8
from tests.support.forms import Form, draw_form, table, turned


def upright_twos(contents: Sequence[Grey8]) -> float:
    """Return how many contents have the foot of a two below."""
    return float(sum(has_foot(content) for content in contents))


def has_foot(content: Grey8) -> bool:
    """Tell whether the ink has its longest straight edge below: the foot of a two."""
    rows, columns = np.nonzero(content < 128)
    ink = content[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] < 128
    strip = max(1, len(ink) // 8)
    edges = [np.rot90(ink, turn)[-strip:].sum() for turn in range(4)]
    return int(np.argmax(edges)) == 0


def read(form: Form) -> tuple[SheetPage, list[Grey8]]:
    """Return the page of a form, turned until the twos are upright, and its contents."""
    page = find_boxes(form.picture)
    pages = [turn_page(page, turns) for turns in range(4)]
    contents = [[crop_box(form.picture, box) for box in one.boxes] for one in pages]
    inked = [[content for content in row if np.ptp(content)] for row in contents]
    best = upright_turns(range(4), [upright_twos(row) for row in inked])
    return pages[best], contents[best]


@pytest.mark.parametrize(("degrees", "turns"), [(0, 0), (90, 3), (180, 2), (270, 1), (187, 2)])
def test_a_turned_page_is_as_the_upright_one(degrees: float, turns: int) -> None:
    """Rows, columns and contents are those of the upright page."""
    upright, first = read(draw_form(table()))

    page, contents = read(turned(draw_form(table()), degrees))

    assert page.quarter_turns == turns
    assert [(b.row, b.col) for b in page.boxes] == [(b.row, b.col) for b in upright.boxes]
    assert [bool(np.ptp(one)) for one in contents] == [bool(np.ptp(one)) for one in first]


def test_corners_begin_at_the_top_left_of_the_upright_page() -> None:
    """On a page upside down, that is the lower right one in the picture."""
    page, _ = read(turned(draw_form(table()), 180))

    for box in page.boxes:
        assert (box.corners[0] > box.corners[2]).all()


def test_a_page_without_boxes_may_be_turned() -> None:
    """It stays as it is."""
    page = SheetPage(40, 30, np.eye(3), ())

    assert turn_page(page, 1) is page


@pytest.mark.parametrize(
    ("scores", "turns"),
    [([5, 6, 6, 6], 0), ([1, 0, 2, 0], 0), ([0, 0, 9, 0], 2), ([0, 0, 0, 0], 0)],
)
def test_a_page_is_turned_only_if_that_is_clear(scores: list[float], turns: int) -> None:
    """Few boxes, and little more of them, turn nothing."""
    assert upright_turns(range(4), scores) == turns
