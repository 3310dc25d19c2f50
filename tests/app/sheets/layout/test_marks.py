"""Registration by marks and by the page's edge: rotation by any angle, perspective, scale."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from app.sheets.layout.layout import Layout
from app.sheets.layout.layout_page import place_layout
from app.sheets.layout.marks import find_marks
from app.sheets.layout.page_edge import find_page
from app.sheets.layout.registration import layout_corners, project
from app.sheets.page import Box, Picture, SheetPage

# A form of A4 in millimetres with 5 pixels each; its boxes are not printed.
WIDTH, HEIGHT, SCALE = 210, 297, 5
MARKS = [(15, 15), (195, 15), (195, 282), (15, 282)]
SIZE = 8
KINDS = ["square", "disc", "plus", "cross", "aruco"]
BOXES = [
    {"name": f"{row}{column}", "x": 40 + 12 * column, "y": 60 + 30 * row, "width": 10, "height": 12}
    for row in range(4)
    for column in range(5)
]

Points = NDArray[np.float64]


def layout(*, marks: bool = True, edge: bool = False) -> Layout:
    """Return the layout of the form."""
    named = [{"x": x, "y": y, "size": SIZE} for x, y in MARKS] if marks else []
    return Layout.model_validate(
        {"width": WIDTH, "height": HEIGHT, "boxes": BOXES, "marks": named, "edge": edge}
    )


def draw_mark(page: Picture, kind: str, x: float, y: float, size: float = SIZE) -> None:
    """Draw a mark on a form, at a place in millimetres."""
    left, top, right, bottom = (
        round(SCALE * edge) for edge in (x - size / 2, y - size / 2, x + size / 2, y + size / 2)
    )
    middle, black = (round(SCALE * x), round(SCALE * y)), (20, 20, 20)
    if kind == "disc":
        cv2.circle(page, middle, round(SCALE * size / 2), black, cv2.FILLED, cv2.LINE_AA)
    elif kind == "plus":
        cv2.line(page, (left, middle[1]), (right, middle[1]), black, 6)
        cv2.line(page, (middle[0], top), (middle[0], bottom), black, 6)
    elif kind == "cross":
        cv2.line(page, (left, top), (right, bottom), black, 6)
        cv2.line(page, (left, bottom), (right, top), black, 6)
    else:
        cv2.rectangle(page, (left, top), (right - 1, bottom - 1), black, cv2.FILLED)
    if kind == "aruco":
        cell = (right - left) / 6
        for row, column in [(1, 1), (2, 3), (3, 2), (4, 4), (3, 4)]:
            start = round(left + column * cell), round(top + row * cell)
            end = round(left + (column + 1) * cell) - 1, round(top + (row + 1) * cell) - 1
            cv2.rectangle(page, start, end, (245, 245, 245), cv2.FILLED)


def form(kind: str | None = "square", missing: int = 0) -> Picture:
    """Return a form with lines of text and digits, and marks of a kind."""
    page = np.full((SCALE * HEIGHT, SCALE * WIDTH, 3), 245, np.uint8)
    for row in range(4):
        place = (SCALE * 40, SCALE * (56 + 30 * row))
        cv2.putText(page, "Points o. 0 of 8", place, cv2.FONT_HERSHEY_SIMPLEX, 1, (60, 60, 60), 2)
        for column in range(0, 5, 2):
            at = (SCALE * (42 + 12 * column), SCALE * (71 + 30 * row))
            cv2.putText(page, "2", at, cv2.FONT_HERSHEY_SIMPLEX, 1.6, (40, 40, 90), 4)
    for x, y in MARKS[missing:] if kind else []:
        draw_mark(page, str(kind), x, y)
    return page


def seen(
    page: Picture, degrees: float, tilt: float = 0.0, scale: float = 1.0
) -> tuple[Picture, Points]:
    """Return a page on a dark table, turned clockwise, from one side; and its homography."""
    corners = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], float)
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    points = (corners - corners.mean(axis=0)) @ np.array([[cos, sin], [-sin, cos]])
    points = SCALE * scale * points / (1 + tilt * points[:, :1] / HEIGHT)
    points += 60 - points.min(axis=0)
    size = tuple(int(side) for side in np.ceil(points.max(axis=0) + 60))
    view = cv2.getPerspectiveTransform(corners.astype(np.float32), points.astype(np.float32))
    picture = cv2.warpPerspective(
        page,
        view @ np.diag([1 / SCALE, 1 / SCALE, 1]),
        size,
        flags=cv2.INTER_AREA,
        borderValue=(90, 80, 70),
    )
    return np.asarray(picture, np.uint8), np.asarray(view, np.float64)


def place(
    picture: Picture, form_layout: Layout, boxes: tuple[Box, ...] = ()
) -> tuple[dict[int, SheetPage], str]:
    """Register a picture in which given boxes were found; return a page for each turn."""
    height, width = picture.shape[:2]
    page = SheetPage(width, height, np.eye(3), boxes)
    _, turns, wrong = place_layout(page, picture, form_layout, None)
    return {turn: place_layout(page, picture, form_layout, turn)[0] for turn in turns}, wrong


def corners_of(page: SheetPage) -> Points:
    """Return the corners of a page's boxes, (N, 4, 2)."""
    return np.array([box.corners for box in page.boxes])


def upright(pages: dict[int, SheetPage], view: Points) -> SheetPage:
    """Return the page on which the first box is nearest to its place."""
    first = project(view, layout_corners(layout()))[0, 0]
    return min(pages.values(), key=lambda one: float(np.abs(one.boxes[0].corners[0] - first).sum()))


@settings(max_examples=25, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    degrees=st.floats(0, 360),
    tilt=st.floats(-0.25, 0.25),
    scale=st.floats(0.5, 1.6),
)
@example(kind="aruco", degrees=180, tilt=0, scale=1)
@example(kind="plus", degrees=45, tilt=0.25, scale=0.5)
@example(kind="cross", degrees=270, tilt=-0.25, scale=0.5)
def test_a_page_is_registered_by_its_marks(
    kind: str, degrees: float, tilt: float, scale: float
) -> None:
    """In any rotation, perspective and scale: the boxes are at their places, to 0.6 mm."""
    picture, view = seen(form(kind), degrees, tilt, scale)

    pages, wrong = place(picture, layout())

    assert (wrong, len(pages)) == ("", 2)  # marks that are alike do not tell upright from 180
    expected = project(view, layout_corners(layout()))
    assert_allclose(corners_of(upright(pages, view)), expected, atol=0.6 * SCALE * scale * 1.3)


@settings(max_examples=25, deadline=None)
@given(degrees=st.floats(0, 360), tilt=st.floats(-0.25, 0.25), scale=st.floats(0.5, 1.6))
@example(degrees=180, tilt=0, scale=1)
def test_a_page_is_registered_by_its_edge(degrees: float, tilt: float, scale: float) -> None:
    """If its layout says that its size is that of the paper."""
    picture, view = seen(form(None), degrees, tilt, scale)

    pages, wrong = place(picture, layout(marks=False, edge=True))

    assert (wrong, len(pages)) == ("", 2)
    expected = project(view, layout_corners(layout()))
    assert_allclose(corners_of(upright(pages, view)), expected, atol=0.6 * SCALE * scale * 1.3)


def test_a_scan_is_the_page() -> None:
    """A picture without a ground whose sides have the ratio of the layout's; no other one."""
    whole = form(None)
    pages, wrong = place(whole, layout(marks=False, edge=True))
    _, cut = place(whole[:1300], layout(marks=False, edge=True))

    assert (wrong, sorted(pages)) == ("", [0, 2])
    assert_allclose(corners_of(pages[0]), SCALE * layout_corners(layout()), atol=1)
    assert cut.endswith("expected a page of 210 x 297, got none")


@pytest.mark.parametrize("kind", KINDS)
def test_marks_have_their_centre_and_size(kind: str) -> None:
    """In pixels of the picture."""
    marks = find_marks(form(kind))
    expected = SCALE * np.array(MARKS, float)
    nearest = [np.linalg.norm(marks[:, :2] - one, axis=1).argmin() for one in expected]

    assert_allclose(marks[nearest, :2], expected, atol=1.5)
    assert_allclose(marks[nearest, 2], SCALE * SIZE, rtol=0.4)


@pytest.mark.parametrize("missing", [1, 2, 4])
def test_missing_marks_do_not_fit(missing: int) -> None:
    """The message says what was expected, and no box is placed."""
    pages, wrong = place(seen(form("square", missing), 10)[0], layout())

    assert pages == {}
    assert wrong.startswith("layout: expected at least 12 of its 20 boxes where the layout has")
    assert "(0 boxes on the page); expected its 4 marks where the layout has them, got" in wrong


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_shapes_at_random_places_are_no_marks(seed: int) -> None:
    """Four squares of the right size, in no rectangle of the layout's."""
    rng = np.random.default_rng(seed)
    page = form(None)
    for x, y in rng.uniform([20, 20], [190, 100], (4, 2)).tolist():
        draw_mark(page, "square", x, y)

    assert place(page, layout())[0] == {}


def test_a_larger_mark_tells_the_orientation() -> None:
    """Only one turn is possible."""
    page = form(None)
    for (x, y), size in zip(MARKS, (16, 8, 8, 8), strict=True):
        draw_mark(page, "square", x, y, size)
    form_layout = layout()
    form_layout.marks[0].size = 16

    pages, wrong = place(seen(page, 180)[0], form_layout)

    assert (wrong, list(pages)) == ("", [2])


def test_boxes_elsewhere_contradict_the_marks() -> None:
    """Another form with the same marks: nothing is read."""
    picture, view = seen(form(), 0)
    elsewhere = project(view, layout_corners(layout()) + np.array([5.0, 16.0]))
    boxes = tuple(Box(corners, 0, place) for place, corners in enumerate(elsewhere[:6]))

    pages, wrong = place(picture, layout(), boxes)

    assert pages == {}
    assert "expected its 4 marks" in wrong


def test_a_picture_without_a_page_has_no_edge() -> None:
    """One grey level, a gradient, and a page that is cut off."""
    even = np.full((300, 200), 128, np.uint8)
    slope = np.tile(np.arange(200, dtype=np.uint8), (300, 1))

    assert find_page(even) is None
    assert find_page(slope) is None
    assert find_page(seen(form(None), 15)[0][:, 300:]) is None
    assert len(find_marks(even)) == 0
