"""Proposal of a layout from a page: its boxes and fields, with names by reading order."""

import numpy as np

from app.sheets.layout.layout import Layout, LayoutBox, LayoutField
from app.sheets.layout.registration import project
from app.sheets.page import Points, SheetPage


def propose_layout(page: SheetPage) -> Layout:
    """Return a layout with the boxes of a page, in pixels, rectified.

    Raises: ValueError for a page without boxes.
    """
    if not page.boxes:
        raise ValueError("page: expected boxes, got none")
    corners = project(page.transform, np.stack([box.corners for box in page.boxes]))
    unit = _pixels_for_unit(page, corners)
    low, high = corners.min(axis=1) / unit, corners.max(axis=1) / unit
    margin = float((high - low).mean())
    start = low.min(axis=0) - margin
    low, high = (low - start).round(1), (high - start).round(1)
    names = [f"r{box.row + 1}c{box.col + 1}" for box in page.boxes]
    names = [name if names.count(name) == 1 else f"{name}-{n}" for n, name in enumerate(names, 1)]
    boxes = [
        LayoutBox(
            name=name, x=left, y=top, width=round(right - left, 1), height=round(bottom - top, 1)
        )
        for name, (left, top), (right, bottom) in zip(
            names, low.tolist(), high.tolist(), strict=True
        )
    ]
    width, height = (high.max(axis=0) + margin).round(1).tolist()
    return Layout(width=width, height=height, boxes=boxes, fields=_fields(page, names))


def _pixels_for_unit(page: SheetPage, corners: Points) -> float:
    """Return rectified pixels for each pixel of the picture: the unit is one of these."""
    own = np.stack([box.corners for box in page.boxes])
    sides = [np.linalg.norm(np.roll(one, -1, axis=1) - one, axis=2) for one in (corners, own)]
    return float(np.median(sides[0]) / max(np.median(sides[1]), 1e-6))


def _fields(page: SheetPage, names: list[str]) -> list[LayoutField]:
    places = {id(box): place for place, box in enumerate(page.boxes)}
    return [
        LayoutField(name=f"field{number}", boxes=[names[places[id(box)]] for box in field.boxes])
        for number, field in enumerate(page.fields, 1)
    ]
