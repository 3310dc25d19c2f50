"""Fields: neighbouring boxes that form a number."""

from app.sheets.geometry.fields import find_fields
from app.sheets.page import Box
from benchmarks.sheets.layouts import Rectangle, grid
from benchmarks.sheets.photograph import corners_of
from tests.support.forms import row


def field_sizes(boxes: list[Rectangle]) -> list[int]:
    """Return the number of boxes of each field."""
    corners = corners_of(boxes).reshape(-1, 4, 2)
    numbered = tuple(Box(one, 0, number) for number, one in enumerate(corners))
    return [len(field.boxes) for field in find_fields(numbered, corners)]


def test_touching_boxes_form_a_field() -> None:
    """So do boxes with a small gap; boxes far apart do not."""
    assert field_sizes(row(8)) == [8]
    assert field_sizes(row(6, gap=10)) == [6]
    assert field_sizes(row(4, gap=60)) == []


def test_two_fields_in_a_row_are_two() -> None:
    """A wide gap divides them, as in a date."""
    boxes = row(6)
    boxes[3:] = [box._replace(left=box.left + 40) for box in boxes[3:]]

    assert field_sizes(boxes) == [3, 3]


def test_cells_of_a_grid_form_no_field() -> None:
    """Boxes with others of their size above or below them are a grid."""
    assert field_sizes(grid(50, 50, [40.0] * 9, [40.0] * 9)) == []
