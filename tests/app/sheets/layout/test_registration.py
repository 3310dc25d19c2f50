"""Registration of a page to its layout, and the proposal of a layout."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from app.sheets.layout.layout import Layout
from app.sheets.layout.proposal import propose_layout
from app.sheets.layout.registration import layout_corners, problem, project, register
from app.sheets.page import Box, Field, SheetPage

# A form of boxes of several sizes, in no grid: left, top and width of each.
PLACES = [(10, 10, 10), (20, 10, 10), (40, 12, 20), (10, 100, 10), (150, 110, 10)]
PLACES += [(100, 200, 10), (110, 200, 10), (120, 200, 10), (20, 280, 40)]
NAMED = [
    {"name": str(number), "x": x, "y": y, "width": width, "height": 10}
    for number, (x, y, width) in enumerate(PLACES)
]
FORM = Layout.model_validate({"width": 200, "height": 300, "boxes": NAMED})
CORNERS = layout_corners(FORM)
PERSPECTIVE = np.array([[5.0, 0.02, 100], [-0.03, 4.5, 50], [1e-5, 2e-5, 1]])


@pytest.mark.parametrize("missing", [(), (0, 8), (3, 4, 5)])
def test_a_page_is_found_in_perspective_with_boxes_missing(missing: tuple[int, ...]) -> None:
    """Also where others were found, which are not of the layout."""
    rng = np.random.default_rng(0)
    seen = project(PERSPECTIVE, np.delete(CORNERS, missing, axis=0))
    other = project(PERSPECTIVE, CORNERS[:2] + np.array([0, 50]))
    found = np.concatenate([seen + rng.normal(0, 0.3, seen.shape), other])

    fits = register(FORM, found)

    assert problem(FORM, fits, len(found)) == ""
    assert fits[0].found == 9 - len(missing)
    assert_allclose(project(fits[0].to_page, CORNERS), project(PERSPECTIVE, CORNERS), atol=12)


def test_another_form_does_not_fit() -> None:
    """The message says what was expected and found."""
    grid = np.stack(np.meshgrid(np.arange(5), np.arange(5)), axis=-1).reshape(-1, 1, 2) * 200.0
    found = grid + np.array([[0, 0], [50, 0], [50, 50], [0, 50]])

    wrong = problem(FORM, register(FORM, found), len(found))

    assert wrong.startswith("layout: expected at least 6 of its 9 boxes")
    assert wrong.endswith("(25 boxes on the page)")


def test_a_proposed_layout_fits_its_page() -> None:
    """Names by row and column, fields by their boxes."""
    boxes = tuple(Box(corners, row, 0) for row, corners in enumerate(project(PERSPECTIVE, CORNERS)))
    page = SheetPage(
        1000, 1500, np.linalg.inv(PERSPECTIVE), boxes, (Field(boxes[5:8]), Field(boxes[:2]))
    )

    layout = propose_layout(page)

    assert [box.name for box in layout.boxes] == [f"r{row}c1" for row in range(1, 10)]
    assert [field.boxes for field in layout.fields] == [["r6c1", "r7c1", "r8c1"], ["r1c1", "r2c1"]]
    fits = register(layout, CORNERS)
    assert (problem(layout, fits, 9), fits[0].found) == ("", 9)


def test_a_page_without_boxes_has_no_layout() -> None:
    """Nothing to propose."""
    with pytest.raises(ValueError, match="page: expected boxes, got none"):
        propose_layout(SheetPage(10, 10, np.eye(3), ()))
