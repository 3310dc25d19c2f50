"""Saved layouts: chosen on the page, their names on the boxes, sheets that do not fit."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.app.page.browser.conftest import Open
from tests.app.page.browser.sheets import GAP, MARGIN, SIDE, sheet
from tests.app.page.browser.test_sheets import cells
from tests.support.servers import serve

COLUMNS, ROWS = 5, 3


@pytest.fixture(scope="module")
def with_layouts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of a service with a layout for the sheet, and one for another form."""
    directory = tmp_path_factory.mktemp("layouts")
    boxes = [
        {
            "name": f"task {row + 1}{'abcde'[column]}",
            "x": MARGIN + column * SIDE,
            "y": MARGIN + row * (SIDE + GAP),
            "width": SIDE,
            "height": SIDE,
        }
        for row in range(ROWS)
        for column in range(COLUMNS)
    ]
    fields = [{"name": "points", "boxes": [box["name"] for box in boxes[:COLUMNS]]}]
    cover = {"width": 570, "height": 480, "boxes": boxes, "fields": fields}
    single = [box | {"x": 70 * number, "y": 50 * number} for number, box in enumerate(boxes)]
    for name, layout in (("cover", cover), ("other", cover | {"boxes": single})):
        (directory / f"{name}.json").write_text(json.dumps(layout))
    with serve(DIGITS_LAYOUTS_DIR=str(directory)) as server:
        yield server.url


def choose(open_page: Open, url: str, name: str) -> Page:
    """Open the page, choose a layout and then two sheets."""
    page = open_page(url, failures=True)
    page.get_by_label("Layout of the sheets").select_option(name)
    page.get_by_test_id("upload").set_input_files([sheet("a.png"), sheet("b.png")])
    expect(page.locator("#doing")).to_contain_text("check", timeout=60_000)
    return page


def test_boxes_have_the_names_of_the_layout(open_page: Open, with_layouts: str) -> None:
    """In the picture and the table, whose lines are its fields, and after a reload."""
    page = choose(open_page, with_layouts, "cover")
    named = page.get_by_role("option", name="task 1b: 2, accepted")
    expect(named).to_be_attached()
    assert cells(page)[0] == list("12340")
    expect(page.locator("#values th").first).to_have_text("points")
    page.reload()

    expect(named).to_be_attached()
    expect(page.get_by_label("Layout of the sheets")).to_have_value("cover")


def test_a_layout_can_be_chosen_later(open_page: Open, with_layouts: str) -> None:
    """The sheets are read again; corrections stay."""
    page = choose(open_page, with_layouts, "")
    page.get_by_role("option", name="Row 1, column 2").click()
    page.keyboard.press("8")
    page.get_by_label("Layout of the sheets").select_option("cover")

    expect(page.get_by_role("option", name="task 1b: 8, corrected")).to_be_attached(timeout=60_000)


def test_a_sheet_that_does_not_fit_says_so(open_page: Open, with_layouts: str) -> None:
    """Nothing is read; the page is displayed, and boxes can be marked on it."""
    page = choose(open_page, with_layouts, "other")

    expect(page.get_by_test_id("nothing")).to_contain_text("layout: expected at least")
    expect(page.locator("polygon")).to_have_count(0)
    expect(page.get_by_test_id("mark-form")).to_be_visible()
    page.get_by_label("Layout of the sheets").select_option("none")
    expect(page.get_by_role("option", name="Row")).to_have_count(ROWS * COLUMNS, timeout=60_000)


def test_without_layouts_there_is_no_choice(page: Page) -> None:
    """The choice is hidden where the service has none."""
    expect(page.get_by_label("Layout of the sheets")).to_be_hidden()
