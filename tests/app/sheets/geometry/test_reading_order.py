"""Reading order of boxes: rows and columns."""

import numpy as np

from app.sheets.geometry.reading_order import reading_order
from benchmarks.sheets.layouts import Rectangle, grid
from benchmarks.sheets.photograph import corners_of
from tests.support.forms import row


def places(boxes: list[Rectangle]) -> list[tuple[int, int]]:
    """Return row and column of each box."""
    rows, columns = reading_order(corners_of(boxes).reshape(-1, 4, 2))
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def test_a_table_has_rows_and_columns() -> None:
    """Its cells are numbered from the top left, whatever their order was."""
    boxes = grid(50, 50, [80.0, 40.0, 60.0], [30.0, 50.0])

    assert places(boxes) == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert places(boxes[::-1]) == places(boxes)[::-1]


def test_a_missing_cell_leaves_its_column_free() -> None:
    """The cells after it keep the columns of the table."""
    boxes = grid(50, 50, [40.0] * 3, [40.0] * 3)
    del boxes[4]

    assert places(boxes)[3:5] == [(1, 0), (1, 2)]


def test_boxes_of_a_form_are_counted_from_the_left() -> None:
    """Rows that begin at different places begin with column 0."""
    boxes = [Rectangle(300 + 40 * n, 100, 40, 40) for n in range(3)]
    boxes += [Rectangle(100 + 40 * n, 200, 40, 40) for n in range(2)]

    assert places(boxes) == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]


def test_a_row_on_curved_paper_is_one_row() -> None:
    """Neighbours that are about as far up are in one row, though its ends are not."""
    boxes = [box._replace(top=180 + 4 * number) for number, box in enumerate(row(12))]

    assert places(boxes) == [(0, number) for number in range(12)]


def test_no_boxes_have_no_order() -> None:
    """Without boxes there is nothing to number."""
    rows, columns = reading_order(np.zeros((0, 4, 2)))

    assert len(rows) == len(columns) == 0
