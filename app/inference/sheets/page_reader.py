"""Reading of a page in the decoder process: decode, find the boxes, crop and normalise each."""

from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.errors import SheetTooLargeError
from app.images.json_image import JsonBody
from app.inference.sheets.json_sheet import decode_json_sheet
from app.inference.sheets.orientation import sample_turned
from app.inference.sheets.picture import encode_picture
from app.inference.sheets.types import (
    Corner,
    PageMap,
    PageReading,
    PageTask,
    SheetBox,
    SheetField,
)
from app.sheets.documents.document import read_page
from app.sheets.documents.page import DocumentLimits, PagePicture
from app.sheets.layout.layout import Layout, parse_layout
from model_core.preprocessing import normalise

if TYPE_CHECKING:
    from app.sheets.page import SheetPage

_ALL_TURNS = (0, 1, 2, 3)


class SheetLimits(NamedTuple):
    """Limits of a sheet: those of the document, and the number of boxes on all its pages.

    ``layouts_dir`` has the saved layouts.
    """

    document: DocumentLimits
    max_boxes: int
    max_json_values: int
    layouts_dir: Path | None = None


class PageReader:
    """Reader of pages; it imports OpenCV with the first one."""

    def __init__(self, limits: SheetLimits) -> None:
        self._limits = limits

    def read(self, data: bytes, task: PageTask) -> PageReading:
        """Read a page of a document, which may be in a JSON body.

        Raises: the errors of ``read_page``; SheetTooLargeError for too many boxes.
        """
        from app.sheets.cropping.crop import crop_box  # the extra `sheets`

        began = perf_counter()
        if isinstance(data, JsonBody):
            most, saved = self._limits.max_json_values, self._limits.layouts_dir
            data, layout = decode_json_sheet(data, task.layout, saved, max_values=most)
            task = replace(task, layout=layout)
        picture = read_page(data, task.page, self._limits.document)
        decoded = perf_counter()
        page = _find(picture, task)
        self._check_boxes(len(page.found.boxes))
        found = perf_counter()
        images = [normalise(crop_box(picture.picture, box)) for box in page.found.boxes]
        turns = page.turns if len(page.turns) > 1 else ()
        samples = sample_turned(images, turns)
        ended = perf_counter()
        times = (began, decoded - began, found - decoded, ended - found)
        mapped = replace(_map(picture, page, times), number=task.page)
        if task.with_picture:
            mapped = replace(mapped, picture=encode_picture(picture.picture))
        return PageReading(mapped, images, turns if samples else (), samples)

    def _check_boxes(self, count: int) -> None:
        if count > self._limits.max_boxes:
            raise SheetTooLargeError(
                f"sheet: expected at most {self._limits.max_boxes} boxes, got {count} on a page"
            )


class _Found(NamedTuple):
    """A page with its boxes, the quarter turns that are possible, its layout and a mismatch."""

    found: "SheetPage"
    turns: tuple[int, ...]
    layout: Layout | None = None
    mismatch: str = ""


def _find(picture: PagePicture, task: PageTask) -> _Found:
    """Find the boxes of a page, and turn it clockwise by quarter turns."""
    import cv2  # the extra `sheets`; loaded here, not at the start of the service

    from app.sheets.finder import find_boxes
    from app.sheets.geometry.orientation import turn_page

    cv2.setNumThreads(1)
    layout = parse_layout(task.layout) if task.layout else None
    if layout and layout.transform:
        return _apply(picture, layout, layout.transform)
    page = find_boxes(picture.picture)
    if layout:
        from app.sheets.layout.layout_page import place_layout

        placed, turns, mismatch = place_layout(page, picture.picture, layout, task.turns)
        return _Found(placed, turns, layout, mismatch)
    if task.turns is None:
        return _Found(page, _ALL_TURNS)
    return _Found(turn_page(page, task.turns), (task.turns,))


def _apply(picture: PagePicture, layout: Layout, transform: list[list[float]]) -> _Found:
    """Return a page with the layout's boxes; ``transform`` maps pixels as sent to the layout."""
    from app.sheets.layout.layout_page import apply_transform
    from app.sheets.page import SheetPage

    height, width = picture.picture.shape[:2]
    to_layout = np.array(transform, float) @ np.diag([*picture.scale, 1])
    page, mismatch = apply_transform(SheetPage(width, height, to_layout, ()), layout, to_layout)
    return _Found(page, (), layout, mismatch)


def _map(picture: PagePicture, page: _Found, times: tuple[float, float, float, float]) -> PageMap:
    """Return a page in pixels as sent."""
    found, scale = page.found, np.array(picture.scale)
    transform = found.transform @ np.diag([*(1 / scale), 1])
    return PageMap(
        picture.pages,
        picture.width,
        picture.height,
        tuple(transform.ravel().tolist()),
        _boxes(page, scale),
        _fields(page),
        *times,
        page.mismatch,
    )


def _boxes(page: _Found, scale: NDArray[np.float64]) -> tuple[SheetBox, ...]:
    boxes, layout = page.found.boxes, page.layout
    named: list[tuple[str | None, str | None]] = [(None, None)] * len(boxes)
    if layout and boxes:
        named = [(box.name, box.digits) for box in layout.boxes]
    return tuple(
        SheetBox(_corners(box.corners * scale), box.row, box.col, name, digits)
        for box, (name, digits) in zip(boxes, named, strict=True)
    )


def _fields(page: _Found) -> tuple[SheetField, ...]:
    found, layout = page.found, page.layout
    names: list[str | None] = [None] * len(found.fields)
    if layout and found.boxes:
        names = [one.name for one in layout.fields]
    places = {id(box): place for place, box in enumerate(found.boxes)}
    return tuple(
        SheetField(tuple(places[id(box)] for box in field.boxes), name)
        for field, name in zip(found.fields, names, strict=True)
    )


def _corners(points: NDArray[np.float64]) -> tuple[Corner, Corner, Corner, Corner]:
    """Return four points (4, 2) as numbers, rounded to a hundredth of a pixel."""
    first, second, third, fourth = ((x, y) for x, y in points.round(2).tolist())
    return first, second, third, fourth
