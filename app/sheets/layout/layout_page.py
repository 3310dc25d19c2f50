"""Page of a form whose layout is known: its boxes are those of the layout."""

from dataclasses import replace

import numpy as np

from app.sheets.geometry.orientation import turn_page
from app.sheets.geometry.reading_order import reading_order
from app.sheets.layout.layout import Layout
from app.sheets.layout.mark_fit import fit_marks
from app.sheets.layout.marks import find_marks
from app.sheets.layout.page_edge import fit_edge
from app.sheets.layout.quadrilateral import Views
from app.sheets.layout.registration import (
    Fit,
    contradicts,
    layout_corners,
    problem,
    project,
    register,
)
from app.sheets.page import Box, Field, Homography, Picture, SheetPage

# Share of the boxes found in the best orientation, from which on another one is possible, too.
_AS_GOOD = 0.95


def place_layout(
    page: SheetPage, picture: Picture, layout: Layout, turns: int | None
) -> tuple[SheetPage, tuple[int, ...], str]:
    """Return a page with the layout's boxes in its order, the possible turns, and what is wrong.

    The page is registered by its boxes, else its marks, else its edge. ``turns`` are the clockwise
    quarter turns that make the page upright; None tries all. The page has the first of the possible
    ones. It has no boxes if it does not fit the layout.
    """
    tried = tuple(range(4)) if turns is None else (turns,)
    views, wrong = _by_boxes(page, layout, tried)
    for fit in (_by_marks, _by_edge) if wrong else ():
        views, problem_too = fit(layout, picture)
        views = _supported(page, layout, views, tried)
        if views:
            break
        wrong += problem_too
    if not views:
        return replace(page, boxes=(), fields=()), (), wrong
    first = min(views)
    return _placed(page, layout, views[first], first), tuple(sorted(views)), ""


def _by_marks(layout: Layout, picture: Picture) -> tuple[Views, str]:
    """Return the homographies by the layout's marks, and what was expected and found."""
    if not layout.marks:
        return {}, ""
    marks = find_marks(picture)
    expected = f"; expected its {len(layout.marks)} marks where the layout has them"
    wrong = f"{expected}, got {len(marks)} dark shapes at other places"
    return fit_marks(layout, marks), wrong


def _by_edge(layout: Layout, picture: Picture) -> tuple[Views, str]:
    """Return the homographies by the page's edge, and what was expected and found."""
    if not layout.edge:
        return {}, ""
    size = layout.width, layout.height
    return fit_edge(size, picture), "; expected a page of {:g} x {:g}, got none".format(*size)


def _by_boxes(page: SheetPage, layout: Layout, tried: tuple[int, ...]) -> tuple[Views, str]:
    """Return the homographies from the layout to the picture by the boxes, or what is wrong."""
    if not page.boxes:
        return {}, problem(layout, [], 0)
    turned = {turn: turn_page(page, turn) for turn in tried}
    fits = {
        turn: register(layout, project(one.transform, np.stack([box.corners for box in one.boxes])))
        for turn, one in turned.items()
    }
    most = max(_found(some) for some in fits.values())
    possible = [turn for turn in tried if _found(fits[turn]) >= max(1, _AS_GOOD * most)]
    best = possible[0] if possible else 0
    wrong = problem(layout, fits.get(best, []), len(page.boxes))
    if wrong:
        return {}, wrong
    return {turn: _inverse(turned[turn].transform) @ fits[turn][0].to_page for turn in possible}, ""


def apply_transform(
    page: SheetPage, layout: Layout, transform: Homography
) -> tuple[SheetPage, str]:
    """Return a page with the layout's boxes where ``transform`` has them, and what is wrong.

    The page has no boxes if one of them is not on it.
    """
    placed = _placed(page, layout, np.asarray(np.linalg.inv(transform), np.float64), 0)
    size = np.array([page.width, page.height])
    for box, one in zip(layout.boxes, placed.boxes, strict=True):
        middle = one.corners.mean(axis=0)
        if not (np.all((middle >= 0) & (middle <= size)) and np.all(abs(one.corners) < 2 * size)):
            return page, f"layout: expected its boxes on the page, got {box.name} outside of it"
    return placed, ""


def _found(fits: list[Fit]) -> int:
    return fits[0].found if fits else 0


def _supported(page: SheetPage, layout: Layout, views: Views, tried: tuple[int, ...]) -> Views:
    """Return the views of the turns in ``tried`` that agree with the found boxes."""
    corners = np.array([box.corners for box in page.boxes], np.float64).reshape(-1, 4, 2)
    return {
        turn: view
        for turn, view in views.items()
        if turn in tried and not contradicts(layout, project(_inverse(view), corners))
    }


def _placed(page: SheetPage, layout: Layout, to_picture: Homography, turns: int) -> SheetPage:
    """Return a page with the boxes of the layout."""
    plain = layout_corners(layout)
    rows, columns = reading_order(plain)
    boxes = [
        Box(corners, int(row), int(column))
        for corners, row, column in zip(project(to_picture, plain), rows, columns, strict=True)
    ]
    by_name = {box.name: one for box, one in zip(layout.boxes, boxes, strict=True)}
    fields = tuple(Field(tuple(by_name[name] for name in field.boxes)) for field in layout.fields)
    transform = _inverse(to_picture)
    quarter_turns = (page.quarter_turns + turns) % 4
    placed = replace(page, transform=transform, boxes=tuple(boxes), fields=fields)
    return replace(placed, quarter_turns=quarter_turns)


def _inverse(transform: Homography) -> Homography:
    return np.asarray(np.linalg.inv(transform), np.float64)
