"""Boxes that the visitor marks: by mouse, touch and keyboard, on a page with or without boxes."""

import io
import re
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, Page, expect

from tests.app.page.browser.conftest import Open
from tests.app.page.browser.sheets import answer, intercept, sheet
from tests.app.page.browser.strokes import DIGITS
from tests.app.page.browser.test_sheets import cells
from tests.app.page.browser.visitor import smooth

WIDTH, HEIGHT, SIDE = 900, 600, 90  # pixels of the page, and of the place of a digit

# Corners of the grid around the digits, in parts of the page.
LEFT, TOP, RIGHT, BOTTOM = 200 / WIDTH, 195 / HEIGHT, 600 / WIDTH, 295 / HEIGHT


def without_boxes(kind: str = "PNG") -> FilePayload:
    """Return a page with the digits 1 to 4 in a row and no rules; a PDF has an empty one before."""
    page = Image.new("L", (WIDTH, HEIGHT), 240)
    pen = ImageDraw.Draw(page)
    for number, digit in enumerate((1, 2, 3, 4)):
        for stroke in DIGITS[digit]:
            points = [(205 + 100 * number + x * SIDE, 200 + y * SIDE) for x, y in smooth(stroke)]
            pen.line(points, fill=40, width=6, joint="curve")
    file = io.BytesIO()
    if kind == "PDF":
        empty = Image.new("L", (WIDTH, HEIGHT), 240)
        empty.save(file, "PDF", save_all=True, append_images=[page], resolution=100)
        return {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": file.getvalue()}
    page.save(file, kind)
    return {"name": "scan.png", "mimeType": "image/png", "buffer": file.getvalue()}


def open_marking(open_page: Open, **options: Any) -> Page:
    """Open the page and choose a picture without boxes, to mark some."""
    page = open_page(**options)
    page.get_by_test_id("upload").set_input_files([without_boxes()])
    told = page.get_by_text("No boxes found: this picture is read as one digit.")
    expect(told).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Mark boxes in it").click()
    expect(page.get_by_test_id("nothing")).to_contain_text("Nothing found")
    page.get_by_label("Columns").fill("4")
    return page


def point(page: Page, x: float, y: float) -> tuple[float, float]:
    """Return a point in parts of the page in screen coordinates."""
    marks = page.get_by_test_id("marks")
    marks.scroll_into_view_if_needed()
    box = marks.bounding_box()
    assert box
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag with the mouse between two points in parts of the page."""
    page.mouse.move(*point(page, *start))
    page.mouse.down()
    page.mouse.move(*point(page, *end), steps=3)
    page.mouse.up()


def test_a_grid_is_dragged_with_the_mouse(open_page: Open) -> None:
    """Each of its boxes is read by the service."""
    page = open_marking(open_page)
    drag(page, (LEFT, TOP), (RIGHT, BOTTOM))
    page.get_by_role("button", name="Read these boxes").click()

    expect(page.get_by_role("option", name="Row 1, column 3: 3, accepted")).to_be_visible()
    assert cells(page) == [list("1234")]
    expect(page.get_by_test_id("nothing")).to_be_hidden()
    expect(page.locator("#doing")).to_have_text("All 4 checked")


def test_a_grid_is_dragged_with_a_finger(open_page: Open) -> None:
    """On a touch screen, where the page does not scroll meanwhile."""
    page = open_marking(
        open_page, viewport={"width": 375, "height": 800}, has_touch=True, is_mobile=True
    )
    session = page.context.new_cdp_session(page)
    ends = [point(page, x, y) for x, y in ((LEFT, TOP), (0.5, 0.4), (RIGHT, BOTTOM))]
    for number, (x, y) in enumerate(ends):
        kind = "touchMove" if number else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.get_by_role("button", name="Read these boxes").tap()

    expect(page.get_by_role("option", name="Row 1, column 4: 4, accepted")).to_be_visible()
    assert cells(page) == [list("1234")]


def test_a_grid_is_typed(open_page: Open) -> None:
    """By keyboard alone: rows, columns, and four numbers; the arrow keys move its corners."""
    page = open_page()
    page.get_by_test_id("upload").set_input_files([without_boxes()])
    expect(page.get_by_test_id("mark-picture")).to_be_visible()
    page.get_by_test_id("mark-picture").focus()
    page.keyboard.press("Enter")
    rows = page.get_by_label("Rows", exact=True)
    expect(rows).to_be_visible()
    rows.focus()
    for number in ("1", "4", f"{100 * LEFT:.1f}", f"{100 * TOP:.1f}", "44.4", "10"):
        page.keyboard.press("Control+a")
        page.keyboard.type(number)
        page.keyboard.press("Tab")
    bottom = ["Bottom right", "Bottom left"]
    for corner in bottom:
        page.get_by_role("button", name=corner).focus()
        for _ in range(13):
            page.keyboard.press("ArrowDown")
    assert float(page.get_by_label("Height %").input_value()) == pytest.approx(16.5, abs=0.2)
    page.get_by_test_id("mark-read").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("option", name="Row 1, column 4: 4, accepted")).to_be_visible()
    assert cells(page) == [list("1234")]


def test_corners_can_be_moved(open_page: Open) -> None:
    """A corner that is dragged makes the grid follow a photo's perspective."""
    page = open_marking(open_page)
    drag(page, (LEFT, TOP), (RIGHT, BOTTOM))
    drag(page, (LEFT, TOP), (LEFT - 0.02, TOP - 0.05))
    page.get_by_role("button", name="Read these boxes").click()
    expect(page.locator("polygon")).to_have_count(4)
    points = page.locator("polygon").first.get_attribute("points") or ""
    corners = [float(value) for value in re.split("[ ,]", points)[:2]]

    assert corners[0] == pytest.approx(200 - 0.02 * WIDTH, abs=3)
    assert corners[1] == pytest.approx(195 - 0.05 * HEIGHT, abs=3)


def test_a_page_is_turned(open_page: Open) -> None:
    """A page that lies on its side can be turned before boxes are marked; it stays so."""
    page = open_page()
    upright = without_boxes()
    file = io.BytesIO()
    sideways = Image.open(io.BytesIO(upright["buffer"])).transpose(Image.Transpose.ROTATE_90)
    sideways.save(file, "PNG")
    page.get_by_test_id("upload").set_input_files([upright | {"buffer": file.getvalue()}])
    page.get_by_role("button", name="Mark boxes in it").click()
    page.get_by_role("button", name="Turn the page").click()
    page.get_by_label("Columns").fill("4")
    drag(page, (LEFT, TOP), (RIGHT, BOTTOM))
    page.get_by_test_id("mark-read").click()
    expect(page.get_by_role("option", name="Row 1, column 4: 4, accepted")).to_be_visible()

    assert cells(page) == [list("1234")]
    assert page.locator("#boxes").get_attribute("viewBox") == f"0 0 {WIDTH} {HEIGHT}"


def test_a_marked_grid_keeps_what_is_there(open_page: Open) -> None:
    """Its boxes come after the others, whose corrections stay, also with another model."""
    page = open_page()
    page.get_by_test_id("upload").set_input_files([sheet("a.png")])
    expect(page.get_by_role("option", name="Row")).to_have_count(15)
    page.get_by_role("option", name="Row 1, column 2").click()
    page.keyboard.press("9")
    page.get_by_role("button", name="Mark boxes").first.click()
    size = page.locator("#boxes").get_attribute("viewBox") or ""
    width, height = (float(value) for value in size.split("," if "," in size else " ")[2:])
    drag(page, (60 / width, 60 / height), (150 / width, 150 / height))
    page.get_by_test_id("mark-read").click()
    expect(page.get_by_role("option", name="Row 4, column 1: 1, accepted")).to_be_visible()
    page.get_by_role("option", name="Row 4, column 1").click()
    page.keyboard.press("7")
    for _ in range(2):
        expect(page.get_by_role("option", name="Row")).to_have_count(16)
        expect(page.get_by_role("option", name="Row 4, column 1: 7, corrected")).to_be_attached()
        expect(page.get_by_role("option", name="Row 1, column 2: 9, corrected")).to_be_attached()
        with page.expect_response("**/v1/sheets*"):
            page.get_by_test_id("model").select_option(index=1)
        expect(page.locator("#doing")).to_contain_text("check")
    page.reload()
    page.get_by_role("button", name="Remove marked boxes").click()

    expect(page.get_by_role("option", name="Row")).to_have_count(15)
    expect(page.get_by_role("option", name="Row 1, column 2: 9, corrected")).to_be_attached()


def test_boxes_are_marked_on_a_page_of_a_document(open_page: Open) -> None:
    """Only that page is read again."""
    page = open_page()
    page.get_by_test_id("upload").set_input_files([without_boxes("PDF")])
    expect(page.get_by_test_id("page")).to_contain_text("page 2, no boxes found")
    page.get_by_role("button", name="Next page").click()
    page.get_by_label("Columns").fill("4")
    drag(page, (LEFT, TOP), (RIGHT, BOTTOM))
    with page.expect_request("**/v1/sheets*") as request:
        page.get_by_test_id("mark-read").click()
    expect(page.get_by_role("option", name="Row 1, column 4: 4, accepted")).to_be_visible()

    assert "page=2" in request.value.url
    assert cells(page) == [list("1234")]


def test_a_picture_of_a_stack_becomes_a_sheet(open_page: Open) -> None:
    """The tile of a picture without boxes makes way for its page."""
    page = open_page()
    page.get_by_test_id("upload").set_input_files([without_boxes(), without_boxes()])
    expect(page.locator("#doing")).to_have_text("2 of 2 to check")
    expect(page.get_by_test_id("row").first).to_contain_text("two digits")
    page.get_by_test_id("row").first.click()
    page.get_by_test_id("mark-picture").click()
    expect(page.get_by_test_id("mark-form")).to_be_visible()

    expect(page.get_by_test_id("row")).to_have_count(1)


def test_a_grid_that_is_refused_stays(open_page: Open) -> None:
    """The error of the service is shown, and the grid can be sent again."""
    page = open_marking(open_page, failures=True)
    drag(page, (LEFT, TOP), (RIGHT, BOTTOM))
    intercept(page, {"detail": "sheet: expected at most 3 boxes"}, status=413)
    page.get_by_test_id("mark-read").click()
    expect(page.get_by_role("alert")).to_contain_text("expected at most 3 boxes")
    intercept(page, answer(["12"]))
    page.get_by_test_id("mark-read").click()

    expect(page.get_by_role("option", name="Row")).to_have_count(2)
