"""Rectification: angle and perspective of a page."""

import cv2
import numpy as np
import pytest

from app.sheets.geometry.darkness import darkness
from app.sheets.geometry.rectify import find_rectification
from tests.support.forms import draw_form, table, turned


def slopes(degrees: float, tilt: float) -> float:
    """Return the largest slope of the sides of boxes after rectification."""
    form = turned(draw_form(table(), filled=0), degrees, tilt)
    transform = find_rectification(darkness(form.picture)).transform
    flat = cv2.perspectiveTransform(form.corners.reshape(-1, 1, 2), transform).reshape(-1, 4, 2)
    sides = np.abs(np.roll(flat, -1, axis=1) - flat)
    return float((sides.min(axis=2) / sides.max(axis=2)).max())


@pytest.mark.parametrize("degrees", [-40, -12, 0, 3, 25, 44])
def test_turned_pages_become_parallel_to_the_sides(degrees: float) -> None:
    """Within half a degree."""
    assert slopes(degrees, 0) < 0.01


@pytest.mark.parametrize("tilt", [-0.4, 0.2, 0.4])
def test_perspective_is_removed(tilt: float) -> None:
    """Rules that meet far away are parallel afterwards, within two degrees."""
    assert slopes(5, tilt) < 0.035


def test_a_page_without_lines_stays_as_it_is() -> None:
    """So does one whose rules are parallel to the sides."""
    empty = find_rectification(np.zeros((300, 400), np.uint8))
    upright = find_rectification(darkness(draw_form(table()).picture))

    assert np.array_equal(empty.transform, np.eye(3))
    assert np.array_equal(upright.transform, np.eye(3))
