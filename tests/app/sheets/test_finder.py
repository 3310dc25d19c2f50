"""Finder of boxes: all boxes of drawn sheets, however they lie, and none where there are none."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.app.sheets.drawing import Grey, Rectangle, corners, draw_boxes, grid

cv2 = pytest.importorskip("cv2", reason="needs OpenCV: pip install opencv-python-headless")

from app.sheets.finder import find_boxes  # noqa: E402
from app.sheets.page import SheetPage  # noqa: E402

Homography = NDArray[np.float64]

# Pixels: how far a corner that was found may be from the true one.
TOLERANCE = 5.0

SHEETS: dict[str, list[Rectangle]] = {
    "a grid": grid(5, 5, 60),
    "a row of cells": grid(8, 1, 50),
    "separate boxes": [(80 + 130 * n, 90, 150 + 130 * n, 160) for n in range(4)],
    "a column of boxes": [(300, 60 + 100 * n, 370, 130 + 100 * n) for n in range(5)],
    "small boxes": grid(12, 3, 22),
}


def expected_corners(boxes: list[Rectangle], view: Homography | None = None) -> Homography:
    """Return the corners (N, 4, 2) of boxes as a view shows them."""
    points = np.array([corners(box) for box in boxes])
    if view is None:
        return points
    return np.asarray(cv2.perspectiveTransform(points.reshape(-1, 1, 2), view)).reshape(-1, 4, 2)


def check(page: SheetPage, expected: Homography) -> None:
    """Each box is found once, and nothing else; the first corner may be any of the four."""
    assert len(page.boxes) == len(expected)
    found = np.array([box.corners for box in page.boxes])
    for true in expected:
        middle = np.linalg.norm(found.mean(axis=1) - true.mean(axis=0), axis=1).argmin()
        distances = np.linalg.norm(found[middle][:, None] - true[None], axis=2).min(axis=1)
        assert distances.max() <= TOLERANCE


@pytest.mark.parametrize("boxes", SHEETS.values(), ids=SHEETS)
def test_all_boxes_are_found(boxes: list[Rectangle]) -> None:
    """Their corners are those of the drawing, clockwise from the top left."""
    page = find_boxes(draw_boxes(boxes))

    check(page, expected_corners(boxes))
    for box in page.boxes:
        top_left, top_right, _, bottom_left = box.corners
        assert top_left[0] < top_right[0]
        assert top_left[1] < bottom_left[1]


@pytest.mark.parametrize(
    "style",
    [{"dash": 4}, {"radius": 12}, {"colour": (240, 150, 140)}, {"width": 1}],
    ids=["dotted", "rounded", "drop-out red", "thin"],
)
def test_rules_of_other_styles(style: dict[str, int]) -> None:
    """Rules may be interrupted, rounded, coloured or thin."""
    boxes = [
        (80 + 110 * n, 90 + 110 * m, 160 + 110 * n, 170 + 110 * m)
        for n in range(4)
        for m in range(3)
    ]

    check(find_boxes(draw_boxes(boxes, **style)), expected_corners(boxes))  # type: ignore[arg-type]


@pytest.mark.parametrize("angle", [-30, -8, 3, 20, 40])
def test_a_sheet_may_be_turned(angle: int) -> None:
    """By any angle; rows and columns are those of the sheet."""
    boxes = grid(6, 4, 60, left=170, top=180)
    view = np.vstack([cv2.getRotationMatrix2D((350, 300), angle, 1), [0, 0, 1]])
    picture = _seen(draw_boxes(boxes), view)

    page = find_boxes(picture)

    check(page, expected_corners(boxes, view))
    assert {(box.row, box.col) for box in page.boxes} == {
        (r, c) for r in range(4) for c in range(6)
    }


def test_a_sheet_may_be_seen_from_the_side() -> None:
    """The transform maps it to a page on which rules are parallel to the sides."""
    boxes = grid(6, 5, 60)
    seen = np.array([[60, 40], [640, 90], [600, 520], [30, 580]], np.float32)
    whole = np.array([[0, 0], [700, 0], [700, 600], [0, 600]], np.float32)
    view = cv2.getPerspectiveTransform(whole, seen).astype(np.float64)

    page = find_boxes(_seen(draw_boxes(boxes), view))

    check(page, expected_corners(boxes, view))
    flat = cv2.perspectiveTransform(page.boxes[0].corners.reshape(-1, 1, 2), page.transform)
    sides = np.diff(flat.reshape(4, 2), axis=0)
    assert np.abs(sides).min(axis=1).max() <= 0.1 * np.abs(sides).max()


def test_a_shadow_hides_no_box() -> None:
    """Half of the sheet has less than half of the light."""
    boxes = grid(6, 5, 60)
    picture = draw_boxes(boxes).astype(np.float64)
    picture[:, 300:] *= 0.45

    check(find_boxes(picture.astype(np.uint8)), expected_corners(boxes))


def test_neighbouring_boxes_form_a_field() -> None:
    """A row of cells is one number; boxes that stand alone are none."""
    boxes = [*grid(6, 1, 50), (80, 300, 150, 370), (400, 300, 470, 370)]

    page = find_boxes(draw_boxes(boxes))

    check(page, expected_corners(boxes))
    assert [len(field.boxes) for field in page.fields] == [6]


NOTHING: dict[str, Grey] = {
    "empty paper": np.full((400, 500), 235, np.uint8),
    "noise": np.random.default_rng(1).integers(0, 256, (400, 500), np.uint8),
    "a smooth picture": np.tile(np.linspace(20, 230, 500).astype(np.uint8), (400, 1)),
    "a pixel": np.zeros((1, 1), np.uint8),
    "lines in one direction": np.repeat(np.arange(400) % 20 < 2, 500)
    .reshape(400, 500)
    .astype(np.uint8)
    * 255,
}


@pytest.mark.parametrize("picture", NOTHING.values(), ids=NOTHING)
def test_there_is_no_box_where_none_is_drawn(picture: Grey) -> None:
    """Paper, noise and parallel lines have none."""
    assert not find_boxes(picture).boxes


def test_the_same_boxes_are_found_in_a_larger_picture() -> None:
    """A picture of 12 megapixels is reduced to find them; the corners are in its own pixels."""
    boxes = grid(5, 5, 60)
    large = np.asarray(Image.fromarray(draw_boxes(boxes)).resize((4200, 3600)))

    page = find_boxes(large)

    assert (page.width, page.height) == (4200, 3600)
    assert len(page.boxes) == len(boxes)
    first = min(page.boxes, key=lambda box: (box.row, box.col))
    assert np.abs(first.corners - 6 * corners(boxes[0])).max() <= 6 * TOLERANCE


def _seen(sheet: Grey, view: Homography) -> Grey:
    height, width = sheet.shape[:2]
    seen = cv2.warpPerspective(sheet, view, (width, height), borderValue=(235, 235, 235))
    return np.asarray(seen, np.uint8)
