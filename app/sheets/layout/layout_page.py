"""Page of a form whose layout is known: its boxes are those of the layout."""

from dataclasses import replace

import numpy as np

from app.sheets.geometry.orientation import turn_page
from app.sheets.geometry.reading_order import reading_order
from app.sheets.layout.layout import Layout
from app.sheets.layout.registration import Fit, layout_corners, problem, project, register
from app.sheets.page import Box, Field, SheetPage

# Share of the boxes found in the best orientation, from which on another one is possible, too.
_AS_GOOD = 0.95


def place_layout(
    page: SheetPage, layout: Layout, turns: int | None
) -> tuple[SheetPage, tuple[int, ...], str]:
    """Return a page with the layout's boxes in its order, the possible turns, and what is wrong.

    ``turns`` are the clockwise quarter turns that make the page upright; None tries all. The page
    has the first of the possible ones. It has no boxes if it does not fit the layout.
    """
    if not page.boxes:
        return page, (), problem(layout, [], 0)
    tried = range(4) if turns is None else (turns,)
    turned = {turn: turn_page(page, turn) for turn in tried}
    fits = {turn: _fits(layout, one) for turn, one in turned.items()}
    most = max(_found(some) for some in fits.values())
    possible = tuple(turn for turn in tried if _found(fits[turn]) >= max(1, _AS_GOOD * most))
    best = possible[0] if possible else 0
    wrong = problem(layout, fits.get(best, []), len(page.boxes))
    if wrong:
        return replace(page, boxes=(), fields=()), (), wrong
    return _placed(turned[best], layout, fits[best][0]), possible, ""


def _fits(layout: Layout, page: SheetPage) -> list[Fit]:
    return register(layout, project(page.transform, np.stack([box.corners for box in page.boxes])))


def _found(fits: list[Fit]) -> int:
    return fits[0].found if fits else 0


def _placed(page: SheetPage, layout: Layout, fit: Fit) -> SheetPage:
    """Return a page with the boxes of the layout."""
    to_picture = np.linalg.inv(page.transform) @ fit.to_page
    plain = layout_corners(layout)
    rows, columns = reading_order(plain)
    boxes = [
        Box(corners, int(row), int(column))
        for corners, row, column in zip(project(to_picture, plain), rows, columns, strict=True)
    ]
    by_name = {box.name: one for box, one in zip(layout.boxes, boxes, strict=True)}
    fields = tuple(Field(tuple(by_name[name] for name in field.boxes)) for field in layout.fields)
    transform = np.asarray(np.linalg.inv(to_picture), np.float64)
    return replace(page, transform=transform, boxes=tuple(boxes), fields=fields)
