"""Synthetic scenes of shapes: what stands around, beside or across a digit, and unusual digits.

Every scene takes ink, light on black in 0..1, and returns the picture (H, W) in grey levels; the
form is that of ``tests.support.scenes``. In ``REFUSED_SCENES`` the right answer is to abstain.
"""

import numpy as np

from benchmarks.scenes.drawing import (
    draw_line,
    pen_width,
    photograph,
    place_in_middle,
    place_on_sheet,
    print_text,
    with_thin_strokes,
)
from tests.support.scenes import Grey, Rng, Scene

# Strokes of a second figure, as points (x, y) in shares of its height.
SECOND_FIGURES = (
    ((0.1, 0.25), (0.3, 0), (0.3, 1)),
    ((0, 0.2), (0.15, 0), (0.45, 0.05), (0.5, 0.3), (0, 1), (0.55, 1)),
    ((0, 0.05), (0.4, 0), (0.5, 0.2), (0.2, 0.45), (0.5, 0.65), (0.4, 0.95), (0, 1)),
    ((0, 0), (0.55, 0), (0.2, 1)),
    ((0.3, 0), (0.05, 0.25), (0, 0.7), (0.25, 1), (0.5, 0.7), (0.5, 0.25), (0.3, 0)),
    ((0.5, 0), (0.05, 0.05), (0, 0.4), (0.4, 0.45), (0.5, 0.75), (0.3, 1), (0, 0.95)),
)
WORDS = ("Question 1 a)", "Points", "Score:", "No.", "Total (max. 4)", "Answer")


def circled(ink: Grey, rng: Rng) -> Grey:
    """Return a digit within a drawn circle that is a little crooked, and may overlap itself."""
    sheet = place_on_sheet(ink, 2.6, rng)
    angles = np.linspace(0, 2 * np.pi * rng.uniform(0.99, 1.03), 60) + rng.uniform(0, 6)
    wobble = 1 + rng.uniform(0, 0.05) * np.sin(2 * angles + rng.uniform(0, 6))
    radii = np.hypot(*ink.shape) / 2 * rng.uniform(1.15, 1.5) * wobble
    middle = (np.array(sheet.shape[::-1]) - 1) / 2
    ring = middle + radii[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return photograph(draw_line(sheet, ring, pen_width(ink, rng)), rng)


def boxed(ink: Grey, rng: Rng) -> Grey:
    """Return a digit within a drawn box that does not reach the border."""
    sheet = place_on_sheet(ink, 2.4, rng)
    height, width = sheet.shape
    half = np.array([max(ink.shape[1], 0.6 * ink.shape[0]), ink.shape[0]]) / 2
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]]) * half
    corners *= rng.uniform(1.25, 1.7)
    corners[:4] += rng.uniform(-0.03, 0.03, (4, 2)) * ink.shape[0]
    corners[4] = corners[0]
    middle = np.array([width - 1, height - 1]) / 2
    return photograph(draw_line(sheet, middle + corners, pen_width(ink, rng)), rng)


def underlined(ink: Grey, rng: Rng) -> Grey:
    """Return a digit with a line under it."""
    return photograph(_underline(place_on_sheet(ink, 2, rng), ink, 1, rng), rng)


def double_underlined(ink: Grey, rng: Rng) -> Grey:
    """Return a digit with two lines under it, as a result."""
    return photograph(_underline(place_on_sheet(ink, 2, rng), ink, 2, rng), rng)


def label(ink: Grey, rng: Rng) -> Grey:
    """Return a digit with a printed word above it or on its left."""
    above = rng.random() < 0.7
    size = max(9, int(rng.uniform(0.13, 0.22) * ink.shape[0]))
    word = print_text(str(rng.choice(WORDS)), size)
    gap = round(rng.uniform(0.12, 0.35) * ink.shape[0])
    height, width = ink.shape
    if above:
        offset = int(rng.integers(-width // 2, width // 2 + 1))
        left, right = max(0, -offset), max(0, offset + word.shape[1] - width)
        sheet = np.pad(ink, ((word.shape[0] + gap, 0), (left, right)))
        start = left + offset
        sheet[: word.shape[0], start : start + word.shape[1]] = word
    else:
        sheet = np.pad(ink, ((0, max(0, word.shape[0] - height)), (word.shape[1] + gap, 0)))
        top = int(rng.integers(0, sheet.shape[0] - word.shape[0] + 1))
        sheet[top : top + word.shape[0], : word.shape[1]] = word
    return photograph(np.pad(sheet, max(6, round(0.2 * height))), rng)


def candidates(ink: Grey, rng: Rng) -> Grey:
    """Return a cell with two or three small figures in a corner, beside the digit."""
    height = ink.shape[0]
    text = "".join(map(str, rng.choice(9, int(rng.integers(2, 4)), replace=False) + 1))
    small = print_text(text, max(9, int(rng.uniform(0.24, 0.32) * height)))
    side = round(max(1.75 * height, ink.shape[1] + 2 * small.shape[1] + 0.4 * height))
    sheet = np.zeros((side, side))
    top, left = round(0.85 * (side - height)), (side - ink.shape[1]) // 2
    sheet[top : top + height, left : left + ink.shape[1]] = ink
    edge = round(rng.uniform(0.03, 0.08) * side)
    room = sheet[edge : edge + small.shape[0]]
    start = edge if rng.random() < 0.7 else side - edge - small.shape[1]
    room[:, start : start + small.shape[1]] = small
    return photograph(sheet, rng)


def ligature(ink: Grey, rng: Rng) -> Grey:
    """Return a digit of an amount with a joining stroke that leaves the picture at the right."""
    height, width = ink.shape
    room = round(rng.uniform(0.15, 0.5) * height)
    margin = round(rng.uniform(0.1, 0.25) * height)
    sheet = np.pad(ink, ((margin, margin), (margin, room)))
    rows = np.flatnonzero(ink[:, int(0.8 * width) :].max(axis=1) > 0.5)
    if not len(rows):
        return photograph(sheet, rng)
    start = margin + float(rng.choice(rows[rows < max(rows[0] + 1, 0.5 * height)]))
    inside = np.flatnonzero(sheet[round(start)] > 0.5)[-1] - pen_width(ink, rng) // 2
    end = start + rng.uniform(-0.15, 0.1) * height
    line = np.array([[inside, start], [sheet.shape[1] + 2, end]])
    return photograph(draw_line(sheet, line, pen_width(ink, rng)), rng)


def narrow(ink: Grey, rng: Rng) -> Grey:
    """Return a digit three to four times as high as wide, in a thin pen."""
    thin = with_thin_strokes(ink, rng.uniform(0.02, 0.045), rng.uniform(0.24, 0.36))
    return photograph(place_on_sheet(thin, 1.4, rng), rng)


def nearest_28(ink: Grey, rng: Rng) -> Grey:
    """Return a drawing shrunk to 28x28 by nearest neighbour, its strokes in pieces."""
    thin = with_thin_strokes(ink, rng.uniform(0.03, 0.05))
    side = round(max(thin.shape) * rng.uniform(1.3, 1.7))
    sheet = place_in_middle(thin, side, side)
    picked = (np.arange(28) + 0.5) * side // 28
    small = sheet[np.ix_(picked.astype(int), picked.astype(int))]
    return 255 * small if rng.random() < 0.5 else 255 * (1 - small)


def two_near(ink: Grey, rng: Rng) -> Grey:
    """Return two digits with a gap of a sixth to a half of their height."""
    return _two(ink, rng.uniform(0.17, 0.5), rng)


def two_far(ink: Grey, rng: Rng) -> Grey:
    """Return two digits with a gap of a half to one and a half of their height."""
    return _two(ink, rng.uniform(0.5, 1.5), rng)


def struck_out(ink: Grey, rng: Rng) -> Grey:
    """Return a digit crossed out with one long stroke."""
    sheet = place_on_sheet(ink, 2, rng)
    angle = rng.choice([-1, 1]) * rng.uniform(0.2, 1)
    reach = np.array([np.cos(angle), np.sin(angle)]) * np.hypot(*ink.shape) * 0.5
    middle = (np.array(sheet.shape[::-1]) - 1) / 2 + rng.uniform(-0.1, 0.1, 2) * ink.shape[0]
    line = np.stack([middle - rng.uniform(1, 1.3) * reach, middle + rng.uniform(1, 1.3) * reach])
    return photograph(draw_line(sheet, line, pen_width(ink, rng)), rng)


def tall_seven(ink: Grey, rng: Rng) -> Grey:
    """Return a 7 three to four times as high as wide, as high as the ink."""
    height = max(ink.shape)
    pen = max(1, round(rng.uniform(0.02, 0.05) * height))
    width = height * rng.uniform(0.25, 0.36)
    dip, drop = rng.uniform(-0.02, 0.05) * height, rng.choice([0, 0.05, 0.1]) * height
    foot = rng.uniform(0.3, 1) * width
    points = np.array([[0, dip + drop], [0.05 * width, dip], [width, 0], [foot, height - 1]]) + pen
    sheet = np.zeros((height + 2 * pen, round(width) + 2 * pen))
    return photograph(place_on_sheet(draw_line(sheet, points, pen), 1.4, rng), rng)


# Each scene, the size of its digits, and how much thicker their strokes are.
SHAPE_SCENES: dict[str, tuple[Scene, tuple[int, int], tuple[float, float]]] = {
    "circled": (circled, (40, 160), (0, 0.5)),
    "boxed": (boxed, (40, 160), (0, 0.5)),
    "underlined": (underlined, (40, 160), (0, 0.5)),
    "underlined twice": (double_underlined, (40, 160), (0, 0.5)),
    "word beside": (label, (60, 160), (0, 0.5)),
    "small figures in a corner": (candidates, (40, 160), (0, 0.5)),
    "joining stroke": (ligature, (32, 100), (0, 0.3)),
    "tall and narrow": (narrow, (80, 240), (0, 0.3)),
    "28x28 by nearest neighbour": (nearest_28, (300, 400), (0, 0.3)),
}
REFUSED_SCENES: dict[str, tuple[Scene, tuple[int, int], tuple[float, float]]] = {
    "two digits, near": (two_near, (40, 160), (0, 0.5)),
    "two digits, far": (two_far, (40, 160), (0, 0.5)),
    "struck out": (struck_out, (40, 160), (0, 0.5)),
    "tall seven": (tall_seven, (80, 240), (0, 0.5)),
}


def _two(ink: Grey, gap: float, rng: Rng) -> Grey:
    """Return a digit and a second figure of about its height on either side, ``gap`` apart."""
    height = ink.shape[0]
    points = np.array(SECOND_FIGURES[int(rng.integers(len(SECOND_FIGURES)))])
    points = points * height * rng.uniform(0.85, 1.1)
    pen = pen_width(ink, rng)
    tall, wide = (round(float(points[:, axis].max())) + 2 * pen for axis in (1, 0))
    second = draw_line(np.zeros((tall, wide)), points + pen, pen)
    sides = [np.pad(one, ((0, max(tall, height) - len(one)), (0, 0))) for one in (ink, second)]
    space = np.zeros((len(sides[0]), round(gap * height)))
    row = [sides[0], space, sides[1]] if rng.random() < 0.5 else [sides[1], space, sides[0]]
    return photograph(
        np.pad(np.concatenate(row, axis=1), round(rng.uniform(0.2, 0.5) * height)), rng
    )


def _underline(sheet: Grey, ink: Grey, count: int, rng: Rng) -> Grey:
    """Return a sheet with one or two lines below the digit in its middle."""
    height, pen = ink.shape[0], pen_width(ink, rng)
    half = max(ink.shape[1], 0.5 * height) / 2 * rng.uniform(1, 1.6)
    middle = (sheet.shape[1] - 1) / 2 + rng.uniform(-0.1, 0.1) * height
    level = (sheet.shape[0] + height) / 2 + pen / 2 + rng.uniform(0.06, 0.2) * height
    climb = rng.uniform(-0.06, 0.06) * half
    for _ in range(count):
        line = np.array([[middle - half, level + climb], [middle + half, level - climb]])
        sheet = draw_line(sheet, line, pen)
        level += 1.6 * pen + 0.04 * height
    return sheet
