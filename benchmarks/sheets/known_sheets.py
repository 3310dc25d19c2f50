"""Sheets with known content: photographs, scans and PDF files beside a truth.json.

The file lists for each sheet: ``file``, ``kind``, ``boxes`` (``corners``, ``content``, ``hand``,
``ambiguous``, ``page``), ``ignore`` (polygons) and, for a PDF, ``dpi``.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from app.sheets.page import Picture
from benchmarks.sheets.evaluation import Truth


class KnownSheet(NamedTuple):
    """A page of a sheet: its picture, what is in its boxes, and polygons that do not count."""

    kind: str
    picture: Picture
    truth: list[Truth]
    ignored: list[NDArray[np.float32]]


def read_known_sheets(directory: Path) -> Iterator[KnownSheet]:
    """Yield all pages of the sheets of a directory."""
    for entry in json.loads((directory / "truth.json").read_text()):
        for number, picture in enumerate(read_pages(directory / entry["file"], entry.get("dpi"))):
            boxes = [box for box in entry["boxes"] if box.get("page", 0) == number]
            polygons = entry.get("ignore", []) if number == 0 else []
            ignored = [np.array(polygon, np.float32) for polygon in polygons]
            kind = entry["kind"] if boxes else "none"
            yield KnownSheet(kind, picture, [read_box(box) for box in boxes], ignored)


def read_box(box: dict[str, Any]) -> Truth:
    """Return a box of a truth.json; an ambiguous content becomes "?"."""
    content = "?" if box.get("ambiguous") else str(box["content"])
    return Truth(np.array(box["corners"], float), content, bool(box.get("hand")))


def read_pages(path: Path, dots_per_inch: int | None) -> Iterator[Picture]:
    """Yield the pages of a file in RGB, their orientation applied."""
    if path.suffix != ".pdf":
        yield np.asarray(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))
        return
    import pypdfium2

    for page in pypdfium2.PdfDocument(path):
        scale = (dots_per_inch or 150) / 72
        yield np.asarray(page.render(scale=scale).to_pil().convert("RGB"))
