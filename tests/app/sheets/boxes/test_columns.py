"""Splitting and merging of cells, by the columns and rows that they are in."""

import numpy as np

from app.sheets.boxes.candidates import Candidates
from app.sheets.boxes.merging import merge_divided
from app.sheets.boxes.splitting import split_unions
from app.sheets.page import Points
from benchmarks.sheets.layouts import Rectangle, grid
from benchmarks.sheets.photograph import corners_of

CELLS = grid(50, 50, [40.0, 60.0, 40.0], [40.0] * 5)


def candidates(boxes: list[Rectangle], quality: float = 1.0) -> Candidates:
    """Return boxes as candidates of one quality."""
    tones = np.full(len(boxes), 90, np.float32)
    corners = corners_of(boxes).reshape(-1, 4, 2)
    return Candidates(corners, np.full(len(boxes), quality), tones, tones)


def accept_all(corners: Points) -> Candidates:
    """Measure nothing: all cells have rules."""
    tones = np.full(len(corners), 90, np.float32)
    return Candidates(corners, np.ones(len(corners)), tones, tones)


def accept_none(corners: Points) -> Candidates:
    """Measure nothing: no cell has rules."""
    return accept_all(corners[:0])


def widths(boxes: Candidates) -> list[int]:
    """Return the sorted widths of boxes."""
    return sorted(np.rint(boxes.corners[:, 1, 0] - boxes.corners[:, 0, 0]).astype(int).tolist())


def test_a_union_is_split_where_its_column_divides() -> None:
    """Two cells that were found as one are two, if there is a rule between them."""
    left, right = CELLS[6:8]
    union = left._replace(width=left.width + right.width)
    boxes = candidates([*CELLS[:6], union, *CELLS[8:]])

    assert widths(split_unions(boxes, accept_all)) == widths(candidates(CELLS))
    assert widths(split_unions(boxes, accept_none)) == widths(boxes)


def test_a_cell_that_ink_divides_is_merged() -> None:
    """Its column has whole cells above and below."""
    left = CELLS[7]._replace(width=25.0)
    right = CELLS[7]._replace(left=left.left + 25, width=35.0)
    boxes = candidates([*CELLS[:7], left, right, *CELLS[8:]])

    assert widths(merge_divided(boxes, accept_all)) == widths(candidates(CELLS))
    assert widths(merge_divided(boxes, accept_none)) == widths(boxes)


def test_a_heading_over_two_columns_stays_one() -> None:
    """One wide cell above many narrow ones neither merges these nor is split by force."""
    heading = Rectangle(50, 10, 100, 40)
    boxes = candidates([heading, *CELLS])

    assert widths(merge_divided(boxes, accept_all)) == widths(boxes)
    assert widths(split_unions(boxes, accept_none)) == widths(boxes)
