"""Pages: rules, words and handwritten digits drawn on a layout."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from benchmarks.sheets.layouts import HEIGHT, WIDTH, Layout, Rectangle, Rng

Layer = NDArray[np.float32]
Colour = tuple[float, float, float]

# Pixels of the drawing for one of the page: its lines are smooth.
SCALE = 2

# Colours of rules, by how they look; drop-out colours are pale.
RULE_COLOURS: dict[str, Colour] = {
    "black": (25, 25, 28),
    "grey": (120, 120, 120),
    "pale grey": (175, 175, 175),
    "drop-out red": (240, 150, 140),
    "drop-out orange": (245, 180, 120),
    "drop-out green": (150, 215, 165),
    "drop-out blue": (150, 190, 235),
}

STYLES = ("solid", "solid", "solid", "broken", "dotted", "dashed", "rounded")

PENS: tuple[Colour, ...] = ((30, 40, 130), (20, 20, 25), (85, 85, 90), (45, 45, 50), (35, 60, 160))

# Share of digits that are larger than the others by a factor, so that they cross the rules.
LARGE_SHARE, LARGER = 0.08, 1.35

# Words of labels and paragraphs.
WORDS = [
    "name",
    "score",
    "total",
    "number",
    "of",
    "points",
    "Question",
    "Date",
    "please",
    "write",
    "one",
    "digit",
    "in",
    "each",
    "box",
]


class Page(NamedTuple):
    """A page (H, W, 3) 0..255; its boxes, and what is in each: a digit, or nothing."""

    picture: Layer
    boxes: list[Rectangle]
    contents: list[str]
    style: str


class Digits(NamedTuple):
    """Handwritten digits: pictures (N, 28, 28) uint8, light on black, and their labels (N,)."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]


def draw_page(layout: Layout, digits: Digits, rng: Rng) -> Page:
    """Draw a page with rules of one style and one pen; 40 of 100 boxes stay empty."""
    colour = list(RULE_COLOURS)[int(rng.choice(7, p=[0.4, 0.15, 0.1, 0.1, 0.1, 0.075, 0.075]))]
    style = str(rng.choice(STYLES))
    if style == "rounded" and any(
        _touch(a, b) for a, b in zip(layout.boxes, layout.boxes[1:], strict=False)
    ):
        style = "solid"
    picture = np.full((HEIGHT, WIDTH, 3), rng.uniform(238, 255), np.float32)
    _paint(
        picture, draw_rules(layout, style, float(rng.uniform(1.2, 3.5)), rng), RULE_COLOURS[colour]
    )
    _paint(picture, draw_text(layout.text, rng), (20, 20, 20))
    ink, contents = write_digits(layout.boxes, digits, rng)
    _paint(picture, ink, PENS[int(rng.integers(len(PENS)))])
    return Page(picture, layout.boxes, contents, f"{colour}, {style}")


def _touch(one: Rectangle, other: Rectangle) -> bool:
    return abs(one.left + one.width - other.left) < 1 or abs(one.top + one.height - other.top) < 1


def _paint(picture: Layer, layer: Layer, colour: Colour) -> None:
    picture += layer[..., None] * (np.array(colour, np.float32) - picture)


def draw_rules(layout: Layout, style: str, width: float, rng: Rng) -> Layer:
    """Return the rules of a layout, 0..1."""
    large = Image.new("L", (WIDTH * SCALE, HEIGHT * SCALE))
    draw = ImageDraw.Draw(large)
    for box in layout.boxes:
        _frame(draw, box, style, width, rng)
    for box in layout.thick:
        _frame(draw, box, "solid", 2.2 * width, rng)
    small = large.resize((WIDTH, HEIGHT), Image.Resampling.BOX)
    return np.asarray(small, np.float32) / np.float32(255)


def _frame(draw: ImageDraw.ImageDraw, box: Rectangle, style: str, width: float, rng: Rng) -> None:
    x, y, right, bottom = (
        SCALE * v for v in (box.left, box.top, box.left + box.width, box.top + box.height)
    )
    pen = max(1, round(width * SCALE))
    if style == "rounded":
        radius = SCALE * 0.18 * min(box.width, box.height)
        draw.rounded_rectangle((x, y, right, bottom), radius, outline=255, width=pen)
        return
    for start, end in (
        ((x, y), (right, y)),
        ((right, y), (right, bottom)),
        ((x, bottom), (right, bottom)),
        ((x, y), (x, bottom)),
    ):
        _line(draw, start, end, style, pen, rng)


def _line(
    draw: ImageDraw.ImageDraw,
    start: tuple[float, float],
    end: tuple[float, float],
    style: str,
    pen: int,
    rng: Rng,
) -> None:
    first, way = np.array(start), np.subtract(end, start)
    length = float(np.hypot(*way))
    period = {"dotted": 3.0 * pen, "dashed": 14.0 * SCALE / 2}.get(style, 0)
    if period:
        shares = np.arange(0, length, period) / length
        pieces = [(s, min(1.0, s + 0.55 * period / length)) for s in shares.tolist()]
    elif style == "broken":
        gap = rng.uniform(0.03, 0.12)
        at = rng.uniform(0, 1 - gap)
        pieces = [(0.0, at), (at + gap, 1.0)]
    else:
        pieces = [(0.0, 1.0)]
    for low, high in pieces:
        points = [tuple(float(v) for v in first + way * share) for share in (low, high)]
        draw.line(points, fill=255, width=pen)


def draw_text(places: list[Rectangle], rng: Rng) -> Layer:
    """Return words in a typeface at some places, 0..1."""
    image = Image.new("L", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(image)
    for place in places:
        font = ImageFont.load_default(max(10, round(place.height)))
        chosen = " ".join(rng.choice(WORDS, 14))
        count = max(1, int(place.width / (0.55 * place.height)))
        draw.text((place.left, place.top), chosen[:count], fill=255, font=font)
    return np.asarray(image, np.float32) / np.float32(255)


def write_digits(boxes: list[Rectangle], digits: Digits, rng: Rng) -> tuple[Layer, list[str]]:
    """Return digits written into boxes, 0..1, and the digit of each box."""
    ink = np.zeros((HEIGHT, WIDTH), np.float32)
    contents = []
    size, strength = rng.uniform(0.5, 0.75), float(rng.uniform(0.75, 1))
    for box in boxes:
        if rng.random() < 0.4:
            contents.append("")
            continue
        number = int(rng.integers(len(digits.labels)))
        contents.append(str(int(digits.labels[number])))
        large = LARGER if rng.random() < LARGE_SHARE else 1.0
        _write(ink, digits.images[number], box, large * size * rng.uniform(0.88, 1.12), rng)
    return ink * strength, contents


def _write(ink: Layer, digit: NDArray[np.uint8], box: Rectangle, size: float, rng: Rng) -> None:
    """Write a digit with soft edges near the middle of a box; a tall one may cross its frame."""
    rows, columns = np.flatnonzero(digit.max(axis=1) > 60), np.flatnonzero(digit.max(axis=0) > 60)
    cut = digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = size * min(box.height / cut.shape[0], 1.15 * box.width / cut.shape[1])
    width, height = (max(3, round(side * scale)) for side in cut.shape[::-1])
    large = cv2.resize(cut, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32) / 255
    stroke = np.clip((large - 0.3) / 0.35, 0, 1)
    free = np.array([box.width - width, box.height - height])
    shift = free / 2 + rng.normal(0, 0.05, 2) * min(box.width, box.height)
    left, top = round(box.left + shift[0]), round(box.top + shift[1])
    place = ink[max(top, 0) : top + height, max(left, 0) : left + width]
    np.maximum(place, stroke[: place.shape[0], : place.shape[1]], out=place)
