"""Test images of a drawn two, and their encoding as files."""

import io
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

_STROKE = [
    (90, 100),
    (105, 70),
    (140, 55),
    (175, 70),
    (185, 105),
    (165, 145),
    (90, 220),
    (195, 220),
]


def two(size: int = 28) -> Image.Image:
    """Draw a two, light on black, grey."""
    large = Image.new("L", (280, 280), 0)
    draw = ImageDraw.Draw(large)
    draw.line(_STROKE, fill=255, width=24, joint="curve")
    for x, y in _STROKE:
        draw.ellipse([x - 12, y - 12, x + 12, y + 12], fill=255)
    return large.resize((size, size), Image.Resampling.BOX)


def thin_two(size: int) -> Image.Image:
    """Draw a two with a line of one pixel, dark on light, grey."""
    picture = Image.new("L", (size, size), 255)
    scaled = [(x * size / 280, y * size / 280) for x, y in _STROKE]
    ImageDraw.Draw(picture).line(scaled, fill=0, width=1)
    return picture


def negative(image: Image.Image) -> Image.Image:
    """Invert a grey image."""
    return Image.fromarray(255 - np.asarray(image))


def encode(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """Encode an image as a file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def as_bytes(size: int = 28) -> bytes:
    """Return the drawn two as a PNG file."""
    return encode(two(size))


def with_scans(scans: int, side: int = 300) -> bytes:
    """Return a white progressive JPEG of ``scans`` scans, at least 6; the last one is repeated."""
    jpeg = encode(Image.new("L", (side, side), 255), "JPEG", progressive=True)
    last = jpeg.rindex(b"\xff\xda")
    return jpeg[:-2] + jpeg[last:-2] * (scans - jpeg.count(b"\xff\xda")) + jpeg[-2:]
