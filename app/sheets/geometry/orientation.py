"""Orientation of a page: its quarter turns, and the order of its boxes in each."""

from dataclasses import replace

import cv2
import numpy as np

from app.sheets.geometry.fields import find_fields
from app.sheets.geometry.reading_order import reading_order
from app.sheets.page import Box, Points, SheetPage


def turn_page(page: SheetPage, turns: int) -> SheetPage:
    """Return a page turned clockwise by quarter turns: its boxes' corners, order and fields."""
    if turns % 4 == 0 or not page.boxes:
        return page
    corners = np.stack([np.roll(box.corners, turns, axis=0) for box in page.boxes])
    cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[turns % 4]
    transform = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]], float) @ page.transform
    return order_page(replace(page, transform=transform), corners, (page.quarter_turns + turns) % 4)


def order_page(page: SheetPage, corners: Points, turns: int) -> SheetPage:
    """Return a page with boxes of given corners (N, 4, 2) in reading order, and their fields."""
    if not len(corners):
        return replace(page, boxes=(), fields=())
    flat = cv2.perspectiveTransform(corners.reshape(-1, 1, 2), page.transform).reshape(-1, 4, 2)
    rows, columns = reading_order(flat)
    order = np.lexsort((columns, rows)).tolist()
    boxes = tuple(Box(corners[n], int(rows[n]), int(columns[n])) for n in order)
    return replace(page, boxes=boxes, fields=find_fields(boxes, flat[order]), quarter_turns=turns)
