"""Sheets and documents: drawn grids, PDF files of any number of pages, TIFF of several pages."""

import io
import zlib
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from tests.support.pictures import two

SIDE = 60  # pixels, of a box


def sheet(rows: list[str]) -> Image.Image:
    """Draw a grid with a two in each box of a text's rows that is not a space."""
    wide, high = max(map(len, rows)), len(rows)
    page = Image.new("L", (SIDE * (wide + 2), SIDE * (high + 2)), 255)
    draw = ImageDraw.Draw(page)
    ink = Image.new("L", (40, 40), 0)
    for row, text in enumerate(rows):
        for column, character in enumerate(text):
            left, top = SIDE * (column + 1), SIDE * (row + 1)
            draw.rectangle([left, top, left + SIDE, top + SIDE], outline=0, width=2)
            if character != " ":
                page.paste(ink, (left + 10, top + 10), two(40))
    return page


def lines(count: int, side: int) -> Image.Image:
    """Draw random lines."""
    rng = np.random.default_rng(0)
    page = Image.new("L", (side, side), 255)
    draw = ImageDraw.Draw(page)
    for ends in rng.integers(0, side, (count, 4)).tolist():
        draw.line(ends, fill=0, width=2)
    return page


def checkerboard(side: int, square: int) -> Image.Image:
    """Draw a checkerboard."""
    place = np.arange(side) // square
    return Image.fromarray(((place[:, None] + place) % 2 * 255).astype(np.uint8))


def several_pages(kind: str, *pages: Image.Image, **options: Any) -> bytes:
    """Return a TIFF or PDF of some pages."""
    file = io.BytesIO()
    copies = [
        page.copy() for page in pages
    ]  # a picture keeps options of the format it was saved in
    copies[0].save(file, kind, save_all=True, append_images=copies[1:], **options)
    return file.getvalue()


def pdf(
    pages: int = 1,
    *,
    content: bytes = b"",
    size: str = "595 842",
    objects: list[bytes] | None = None,
    resources: str = "",
    trailer: str = "",
) -> bytes:
    """Return a PDF with the same content on each page.

    ``objects`` are further ones, from number 4 on; ``trailer`` are entries of the trailer.
    """
    more = objects or []
    first = 4 + len(more)
    kids = " ".join(f"{first + number} 0 R" for number in range(pages))
    page = (
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {size}]/Contents 3 0 R/Resources<<{resources}>>>>"
    )
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {pages}>>".encode(),
        stream(content),
        *more,
        *[page.encode()] * pages,
    ]
    return _file(bodies, trailer)


def stream(content: bytes, entries: str = "") -> bytes:
    """Return a compressed stream object."""
    packed = zlib.compress(content, 9)
    head = f"<</Length {len(packed)}/Filter/FlateDecode{entries}>>stream\n".encode()
    return head + packed + b"\nendstream"


def pdf_image_bomb(side: int) -> bytes:
    """Return a PDF with a white picture of ``side`` x ``side`` pixels in a few bytes a row."""
    entries = f"/Type/XObject/Subtype/Image/Width {side}/Height {side}/BitsPerComponent 8"
    packer = zlib.compressobj(9)
    row = bytes([255]) * side
    packed = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = f"<</Length {len(packed)}/Filter/FlateDecode{entries}/ColorSpace/DeviceGray>>stream\n"
    image = head.encode() + packed + b"\nendstream"
    return pdf(
        content=b"595 0 0 842 0 0 cm /I Do", objects=[image], resources="/XObject<</I 4 0 R>>"
    )


def encrypted_pdf() -> bytes:
    """Return a PDF that needs a password which nobody knows."""
    key = "00" * 32
    entry = f"/Encrypt<</Filter/Standard/V 1/R 2/O<{key}>/U<{key}>/P -4>>/ID[<00><00>]"
    return pdf(trailer=entry)


def _file(bodies: list[bytes], trailer: str) -> bytes:
    """Return a file of objects, numbered from 1; the first one is the catalogue."""
    parts, places = [b"%PDF-1.4\n"], []
    size = len(parts[0])
    for number, body in enumerate(bodies, 1):
        places.append(size)
        parts.append(b"%d 0 obj\n%b\nendobj\n" % (number, body))
        size += len(parts[-1])
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n{table}"
    end += f"trailer<</Size {len(bodies) + 1}/Root 1 0 R{trailer}>>\nstartxref\n{size}\n%%EOF"
    return b"".join(parts) + end.encode()
