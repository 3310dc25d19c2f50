"""Sheets of ruled boxes filled with strokes, and the answer of the service about them."""

import io
import json
from itertools import product
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, Page, Route

from tests.app.page.browser.strokes import DIGITS
from tests.app.page.browser.visitor import smooth

SIDE, GAP, MARGIN = 90, 30, 60  # pixels of a box, between rows, and around all

# What is written in the boxes: digits, nothing, a digit that the model doubts, another sign.
CONTENTS = ["12340", "2 ?43", "0x 12"]


def sheet(name: str = "sheet.png", contents: list[str] | None = None) -> FilePayload:
    """Return a picture of a sheet: rows of touching boxes with digits in them."""
    rows = CONTENTS if contents is None else contents
    image = Image.new("L", _size(rows), 240)
    pen = ImageDraw.Draw(image)
    for row, column in product(range(len(rows)), range(len(rows[0]))):
        left, top = MARGIN + column * SIDE, MARGIN + row * (SIDE + GAP)
        pen.rectangle((left, top, left + SIDE, top + SIDE), outline=90, width=2)
        for stroke in DIGITS.get(_digit(rows[row][column]), []):
            points = [(left + x * SIDE, top + y * SIDE) for x, y in smooth(stroke)]
            pen.line(points, fill=40, width=6, joint="curve")
    file = io.BytesIO()
    image.save(file, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": file.getvalue()}


def answer(contents: list[str] | None = None) -> dict[str, Any]:
    """Return the answer of /v1/sheets to such a sheet."""
    rows = CONTENTS if contents is None else contents
    width, height = _size(rows)
    boxes = [
        {
            "corners": _corners(MARGIN + column * SIDE, MARGIN + row * (SIDE + GAP)),
            "row": row,
            "col": column,
            "name": None,
            "prediction": _prediction(rows[row][column]),
        }
        for row, column in product(range(len(rows)), range(len(rows[0])))
    ]
    page = {"width": width, "height": height, "transform": [], "boxes": boxes, "fields": []}
    model = {"name": "cnn", "version": "1", "sha256": "0" * 64, "preprocessing": 5}
    return {"model": model, "request_id": "r", "pages": [page]}


def intercept(page: Page, content: dict[str, Any], status: int = 200) -> None:
    """Answer every request for a sheet with this content."""

    def fulfil(route: Route) -> None:
        kind = "application/json" if status == 200 else "application/problem+json"
        route.fulfill(status=status, content_type=kind, body=json.dumps(content))

    page.route("**/v1/sheets*", fulfil)


def _size(rows: list[str]) -> tuple[int, int]:
    return 2 * MARGIN + SIDE * len(rows[0]), 2 * MARGIN + (SIDE + GAP) * len(rows)


def _corners(left: int, top: int) -> list[list[int]]:
    right, bottom = left + SIDE, top + SIDE
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def _digit(content: str) -> int:
    return 2 if content == "?" else int(content) if content.isdigit() else -1


def _prediction(content: str) -> dict[str, Any]:
    reason = {" ": "blank", "?": "ambiguous", "x": "not_a_digit"}.get(content)
    digit = max(0, _digit(content))
    confidence = 0.0 if content == " " else 0.55 if reason else 0.98
    others = (1 - confidence) / 4
    shares = {str(n): confidence if n == digit else others for n in range(5)}
    if reason == "ambiguous":
        shares["3"] = 0.4
    return {
        "digit": digit,
        "confidence": confidence,
        "probabilities": shares,
        "decision": "abstain" if reason else "accept",
        "reason": reason,
    }
