"""Drawing of lines, print and sheets for scenes, with a digit's ink given as (H, W) in 0..1."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from skimage.morphology import skeletonize

from tests.support.scenes import Grey, Rng

# Pixels: strokes are thinned at this height.
THINNED_HEIGHT = 120


def pen_width(ink: Grey, rng: Rng) -> int:
    """Return a width like that of the digit's strokes: its ink by the length of its skeleton."""
    mask = ink > 0.5
    length = max(1, int(np.count_nonzero(skeletonize(mask))))
    return max(1, round(int(np.count_nonzero(mask)) / length * rng.uniform(0.6, 1.1)))


def with_thin_strokes(ink: Grey, width: float, aspect: float | None = None) -> Grey:
    """Return ink whose strokes have a width given as a share of its height, with soft edges.

    With ``aspect``, width by height, it is narrower; the strokes are as thick as without.
    """
    height = max(THINNED_HEIGHT, ink.shape[0])
    large = _resized(ink, height, max(1, round(ink.shape[1] * height / ink.shape[0])))
    squeeze = 1.0 if aspect is None else min(1, aspect * height / large.shape[1])
    margin = round(0.1 * height)
    rows, columns = np.nonzero(skeletonize(large > 0.5))
    down, across = np.mgrid[: height + 2 * margin, : large.shape[1] + 2 * margin]
    strokes = np.zeros(down.shape)
    radius = max(0.7, width * height / 2)
    reach = int(radius) + 2
    centres = np.stack([rows + margin, columns * squeeze + margin], axis=1).tolist()
    for row, column in centres:
        top, left = int(row) - reach, int(column) - reach
        box = (slice(max(0, top), top + 2 * reach + 2), slice(max(0, left), left + 2 * reach + 2))
        distance = np.hypot(down[box] - row, across[box] - column)
        strokes[box] = np.maximum(strokes[box], np.clip(radius + 0.5 - distance, 0, 1))
    return _cut(_resized(strokes, *(round(side * ink.shape[0] / height) for side in strokes.shape)))


def _cut(ink: Grey) -> Grey:
    """Return ink without the empty rows and columns around it."""
    rows, columns = (np.flatnonzero(ink.max(axis=axis) > 0.1) for axis in (1, 0))
    if not len(rows):
        return ink
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _resized(ink: Grey, height: int, width: int) -> Grey:
    image = Image.fromarray((ink * 255).astype(np.uint8))
    method = Image.Resampling.BOX if height < ink.shape[0] else Image.Resampling.BICUBIC
    return np.asarray(image.resize((width, height), method)) / 255


def place_on_sheet(ink: Grey, share: float, rng: Rng) -> Grey:
    """Return a sheet with the digit in its middle, its sides ``share`` times the longer or more."""
    sides = [round(max(ink.shape) * share * rng.uniform(1, 1.25)) for _ in range(2)]
    return place_in_middle(ink, sides[0], sides[1])


def place_in_middle(ink: Grey, height: int, width: int) -> Grey:
    """Return a sheet of this size with the digit in its middle."""
    sheet = np.zeros((height, width))
    top, left = (height - ink.shape[0]) // 2, (width - ink.shape[1]) // 2
    sheet[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return sheet


def draw_line(sheet: Grey, points: Grey, pen: int) -> Grey:
    """Return a sheet with a line through the points (x, y), with round corners."""
    scale = 4
    height, width = sheet.shape
    large = Image.new("L", (width * scale, height * scale))
    line = [(float(x), float(y)) for x, y in points * scale + scale / 2]
    draw = ImageDraw.Draw(large)
    draw.line(line, fill=255, width=pen * scale)
    radius = pen * scale / 2 - 0.5
    for x, y in line:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    drawn = np.asarray(large.resize((width, height), Image.Resampling.BOX)) / 255
    return np.maximum(sheet, drawn)


def print_text(text: str, size: int) -> Grey:
    """Return printed text as ink, ``size`` pixels high."""
    font = ImageFont.load_default(size)
    left, top, right, bottom = (round(side) for side in font.getbbox(text))
    image = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(image).text((-left, -top), text, fill=255, font=font)
    return np.asarray(image) / 255


def photograph(sheet: Grey, rng: Rng) -> Grey:
    """Return dark ink on pale paper with a little noise."""
    paper = rng.uniform(200, 250)
    grey = paper - (paper - rng.uniform(20, 80)) * sheet
    return grey + rng.normal(0, rng.uniform(0.3, 3), sheet.shape)
