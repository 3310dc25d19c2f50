"""Screenshots of the page; `make screenshots` writes the README's images."""

import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.app.page.browser.conftest import Open
from tests.app.page.browser.sheets import answer, intercept, sheet
from tests.app.page.browser.strokes import DIGITS, Stroke
from tests.app.page.browser.test_marking import BOTTOM, LEFT, RIGHT, TOP, drag, open_marking
from tests.app.page.browser.test_pictures import add_pictures
from tests.app.page.browser.test_sending import open_stack, send
from tests.app.page.browser.visitor import draw, picture

VIEWS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 760}},
    "dark": {"viewport": {"width": 1280, "height": 760}, "color_scheme": "dark"},
    "phone": {
        "viewport": {"width": 375, "height": 1090},
        "has_touch": True,
        "is_mobile": True,
    },
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the directory in SCREENSHOTS, or a temporary one."""
    return Path(os.environ.get("SCREENSHOTS") or tmp_path)


def shaky(strokes: list[Stroke], seed: int) -> list[Stroke]:
    """Return strokes with small shifts, as by another writer."""
    shakes = [0.01 * ((seed * 3 + n * n) % 5 - 2) for n in range(40)]
    return [
        [(x + shakes[n % 40], y + shakes[(3 * n + 1) % 40]) for n, (x, y) in enumerate(stroke)]
        for stroke in strokes
    ]


@pytest.mark.parametrize("name", VIEWS)
def test_a_drawing_and_its_explanation(open_page: Open, folder: Path, name: str) -> None:
    """The page with an explained answer: wide, dark, and on a phone."""
    page = open_page(**VIEWS[name])
    draw(page, DIGITS[3])
    page.get_by_test_id("explain").click()
    expect(page.get_by_test_id("explanation")).to_be_visible()
    expect(page.get_by_test_id("card-dnn").locator(".figure")).to_have_text("3")

    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=folder / f"{name}.png")
    check(folder / f"{name}.png")


@pytest.mark.parametrize("name", ["stack", "stack-phone", "stack-dark"])
def test_many_pictures(open_page: Open, folder: Path, name: str) -> None:
    """Twenty pictures, the most doubtful first, two of them checked: wide, on a phone, dark."""
    views = {"stack": "desktop", "stack-phone": "phone", "stack-dark": "dark"}
    page = open_page(**VIEWS[views[name]])
    files = [picture(shaky(DIGITS[n % 5], n), f"box-{n:02}.png") for n in range(19)]
    add_pictures(page, [*files, picture([], "box-19.png")])
    page.get_by_test_id("row").first.click()
    for key in ("x", "Enter"):
        page.keyboard.press(key)

    page.locator("#stack").evaluate("stack => stack.scrollIntoView()")
    page.screenshot(path=folder / f"{name}.png")
    check(folder / f"{name}.png")


@pytest.mark.parametrize("name", ["sheet", "sheet-phone", "sheet-dark"])
def test_a_sheet(open_page: Open, folder: Path, name: str) -> None:
    """A sheet with its boxes, one of them corrected, a table beside it: wide, on a phone, dark."""
    views = {"sheet": "desktop", "sheet-phone": "phone", "sheet-dark": "dark"}
    page = open_page(**VIEWS[views[name]])
    intercept(page, answer())
    files = [sheet(f"cover-{number:02}.png") for number in (1, 2)]
    page.get_by_test_id("upload").set_input_files(files)
    expect(page.locator("#doing")).to_have_text("4 of 30 to check")
    page.keyboard.press("2")
    expect(page.locator("#doing")).to_have_text("3 of 30 to check")
    page.wait_for_timeout(300)

    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=folder / f"{name}.png")
    check(folder / f"{name}.png")


@pytest.mark.parametrize("name", ["sending", "sending-phone", "sending-dark"])
def test_sending(open_page: Open, service: str, folder: Path, name: str) -> None:
    """Verdicts that were sent, and one that was changed since: wide, on a phone, dark."""
    views = {"sending": "desktop", "sending-phone": "phone", "sending-dark": "dark"}
    page = open_stack(open_page, service, **VIEWS[views[name]])
    send(page, "Send 2 corrections and 1 confirmation", "3 sent.")
    page.get_by_test_id("row").first.click()
    page.keyboard.press("8")
    page.evaluate("scrollTo(0, 0)")

    page.screenshot(path=folder / f"{name}.png")
    check(folder / f"{name}.png")


def test_marked_boxes(open_page: Open, folder: Path) -> None:
    """A page without rules, on which a grid is marked."""
    page = open_marking(open_page, **VIEWS["desktop"])
    drag(page, (LEFT, TOP), (RIGHT, BOTTOM))
    expect(page.get_by_test_id("mark-read")).to_be_enabled()

    page.screenshot(path=folder / "marking.png")
    check(folder / "marking.png")


def check(path: Path) -> None:
    """Compress a screenshot; check that it is small and not one plain colour."""
    image = Image.open(path).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    image.save(path, optimize=True)

    assert path.stat().st_size < 100_000
    assert len(image.getcolors() or ()) > 16
