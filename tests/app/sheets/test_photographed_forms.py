"""Finder of boxes: rules of all kinds, paper and light, and pictures without boxes."""

from collections.abc import Callable
from time import process_time

import cv2
import numpy as np
import pytest
from numpy.testing import assert_allclose

from app.sheets.boxes.selection import MAX_BOXES
from app.sheets.finder import find_boxes
from app.sheets.page import Picture
from benchmarks.sheets.evaluation import match
from benchmarks.sheets.layouts import Rectangle, grid
from tests.support.forms import (
    HEIGHT,
    WIDTH,
    Form,
    bent,
    count_found,
    draw_form,
    row,
    shaded,
    table,
    turned,
)

LINES = tuple(Rectangle(60, 40 + 30 * line, 500, 14 + line) for line in range(13))


@pytest.mark.parametrize("style", ["solid", "broken", "dotted", "dashed"])
@pytest.mark.parametrize("width", [1.5, 3])
def test_boxes_of_a_field_are_found(style: str, width: float) -> None:
    """A row of boxes that touch is found whatever its rules look like."""
    form = draw_form(row(), style=style, width=width)

    assert count_found(form, find_boxes(form.picture)) == (8, 0)


@pytest.mark.parametrize("style", ["solid", "rounded", "dashed"])
def test_separate_boxes_are_found(style: str) -> None:
    """Boxes with gaps between them are found, round corners or not; the gaps are no boxes."""
    form = draw_form(row(gap=14), style=style)

    assert count_found(form, find_boxes(form.picture)) == (8, 0)


@pytest.mark.parametrize("rule", [(240, 150, 140), (150, 215, 165), (150, 190, 235), (180,) * 3])
def test_pale_and_coloured_rules_are_found(rule: tuple[int, int, int]) -> None:
    """Drop-out colours and grey are rules, too."""
    form = draw_form(table(), rule=rule)

    assert count_found(form, find_boxes(form.picture)) == (30, 0)


@pytest.mark.parametrize("degrees", [-44, -17, -3, 8, 30, 44, 90, 135, 180, 250])
def test_forms_may_be_turned_by_any_angle(degrees: float) -> None:
    """The boxes of a turned form are found, with corners clockwise from one that is on top."""
    form = turned(draw_form(table()), degrees)

    page = find_boxes(form.picture)

    assert count_found(form, page) == (30, 0)
    for box in page.boxes:
        along, down = box.corners[1] - box.corners[0], box.corners[3] - box.corners[0]
        assert along[0] * down[1] - along[1] * down[0] > 0
        assert along[0] > abs(along[1]) * 0.9


def test_corners_lie_on_the_rules() -> None:
    """The corners of an upright form are within two pixels of those drawn."""
    form = draw_form(table())
    found = [box.corners for box in find_boxes(form.picture).boxes]

    pairs = match(list(form.corners), found)

    for one, other in pairs:
        assert_allclose(found[other], form.corners[one], atol=2)


@pytest.mark.parametrize(
    "change",
    [lambda form: turned(form, 5, tilt=0.3), lambda form: bent(form, 14), shaded],
    ids=["perspective", "curved paper", "shadow"],
)
def test_photographs_of_forms_are_read(change: Callable[[Form], Form]) -> None:
    """Perspective, curved paper and shadows hide no box."""
    form = change(draw_form(table()))

    assert count_found(form, find_boxes(form.picture)) == (30, 0)


def test_boxes_may_be_as_small_as_19_by_22_pixels() -> None:
    """Such boxes are enlarged before they are searched."""
    form = draw_form(grid(80, 100, [19.0] * 12, [22.0]), width=1, filled=2)

    assert count_found(form, find_boxes(form.picture)) == (12, 0)


def test_ink_may_cross_the_rules() -> None:
    """Digits that are larger than their boxes hide none of these."""
    form = draw_form(row(), filled=2, size=1.1)

    assert count_found(form, find_boxes(form.picture)) == (8, 0)


def test_a_stroke_from_rule_to_rule_divides_no_box() -> None:
    """A 1 that is as high as its cell is ink, since the cells above and below are whole."""
    form = draw_form(table(), filled=0)
    for corners in form.corners[7::6]:
        top, low = corners[:2].mean(axis=0), corners[2:].mean(axis=0)
        cv2.line(form.picture, top.astype(int), low.astype(int), (40, 40, 90), 3)

    assert count_found(form, find_boxes(form.picture)) == (30, 0)


def test_grey_pictures_are_read_as_coloured_ones() -> None:
    """The finder takes (H, W) as well as (H, W, 3)."""
    form = draw_form(table())
    grey = np.ascontiguousarray(form.picture[..., 1])

    assert count_found(form, find_boxes(grey)) == (30, 0)


def noise() -> Picture:
    """Return a picture of random pixels."""
    return np.random.default_rng(0).integers(0, 256, (500, 700, 3), np.uint8)


def stripes() -> Picture:
    """Return ruled paper."""
    picture = np.full((600, 500, 3), 240, np.uint8)
    picture[20::40] = 90
    return picture


def bricks() -> Picture:
    """Return a wall of dark bricks with pale joints."""
    picture = np.full((480, 640), 180, np.uint8)
    for number, top in enumerate(range(0, 480, 40)):
        for left in range(-60 * (number % 2), 640, 120):
            picture[top + 4 : top + 36, max(0, left + 4) : left + 116] = 110
    return picture


def qr_corners() -> Picture:
    """Return a page with the three corners of a QR code."""
    picture = np.full((400, 400), 255, np.uint8)
    for top, left in ((100, 100), (100, 212), (212, 100)):
        picture[top : top + 56, left : left + 56] = 0
        picture[top + 8 : top + 48, left + 8 : left + 48] = 255
        picture[top + 16 : top + 40, left + 16 : left + 40] = 0
    return picture


@pytest.mark.parametrize(
    "picture",
    [
        draw_form([], text=LINES).picture,
        noise(),
        stripes(),
        bricks(),
        qr_corners(),
        np.full((300, 300, 3), 255, np.uint8),
        np.zeros((1, 400), np.uint8),
    ],
    ids=["text", "noise", "stripes", "bricks", "qr", "white", "thin"],
)
def test_pictures_without_boxes_give_none(picture: Picture) -> None:
    """Text, textures and other lines are no boxes."""
    page = find_boxes(picture)

    assert page.boxes == ()
    assert (page.height, page.width) == picture.shape[:2]


def random_lines() -> Picture:
    """Return 10,000 lines between random points."""
    picture = np.full((2000, 2000, 3), 255, np.uint8)
    for x0, y0, x1, y1 in np.random.default_rng(1).integers(0, 2000, (10_000, 4)).tolist():
        cv2.line(picture, (x0, y0), (x1, y1), (0, 0, 0), 1)
    return picture


def checkerboard() -> Picture:
    """Return 25 million pixels of a checkerboard."""
    squares = (np.indices((625, 625)).sum(axis=0) % 2 * 255).astype(np.uint8)
    return np.repeat(np.repeat(squares, 8, axis=0), 8, axis=1)


def dense_grid() -> Picture:
    """Return a grid of 5,000 cells."""
    picture = np.full((5000, 5000), 255, np.uint8)
    for offset in (0, 1):
        picture[offset::70], picture[:, offset::70] = 0, 0
    return picture


@pytest.mark.parametrize("draw", [random_lines, checkerboard, dense_grid])
def test_hostile_pictures_end_soon(draw: Callable[[], Picture]) -> None:
    """Pictures of very many lines or cells take few seconds, and give few boxes."""
    picture = draw()
    began = process_time()

    page = find_boxes(picture)

    assert process_time() - began < 4
    assert len(page.boxes) <= MAX_BOXES


def test_the_transform_makes_rules_parallel_to_the_sides() -> None:
    """Corners mapped by it lie on lines along x and y."""
    form = turned(draw_form(table()), 20, tilt=0.2)
    page = find_boxes(form.picture)

    corners = np.stack([box.corners for box in page.boxes])
    flat = cv2.perspectiveTransform(corners.reshape(-1, 1, 2), page.transform).reshape(-1, 4, 2)

    side = np.ptp(flat[0, :, 1])
    assert np.abs(flat[:, 0, 1] - flat[:, 1, 1]).max() < 0.06 * side
    assert np.abs(flat[:, 0, 0] - flat[:, 3, 0]).max() < 0.06 * side


def test_the_size_of_a_page_is_that_of_its_picture() -> None:
    """Width and height are pixels of the picture, not of a copy."""
    page = find_boxes(draw_form(row()).picture)

    assert (page.width, page.height) == (WIDTH, HEIGHT)
