"""Accessibility: the rules of axe, the width of the screen, the theme, and the keyboard."""

import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.app.page.browser.conftest import Open
from tests.app.page.browser.sheets import answer, intercept, sheet
from tests.app.page.browser.strokes import DIGITS
from tests.app.page.browser.test_marking import drag
from tests.app.page.browser.test_pictures import add_pictures, pictures
from tests.app.page.browser.test_sending import open_stack, send
from tests.app.page.browser.visitor import draw, picture

AXE = "axe-core@4.10.3"


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the source of axe from npm, or skip."""
    npm = shutil.which("npm")
    if not npm:
        pytest.skip("needs npm in the PATH: apt install npm")
    folder = tmp_path_factory.mktemp("axe")
    options = ["--prefix", str(folder), "--no-audit", "--no-fund", "--no-save", "--ignore-scripts"]
    done = subprocess.run(
        [npm, "install", *options, AXE], capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode:
        pytest.skip(f"needs {AXE}, and npm cannot install it: {done.stderr.strip()[:200]}")
    return Path(folder, "node_modules", "axe-core", "axe.min.js").read_text()


def violations(page: Page, axe: str, rules: dict[str, list[str]]) -> list[str]:
    """Return the violations that axe finds in the current state of the page."""
    page.evaluate(axe)
    result = page.evaluate("rules => axe.run(rules)", rules)
    return [
        f"{found['id']}: {node['html']}: {node['failureSummary']}"
        for found in result["violations"]
        for node in found["nodes"]
    ]


@pytest.mark.parametrize(
    ("scheme", "rules"), [("light", {}), ("dark", {"runOnly": ["color-contrast"]})]
)
def test_axe_finds_no_violation(
    open_page: Open, axe: str, scheme: str, rules: dict[str, list[str]]
) -> None:
    """Axe finds no violation in any state of the page, and no low contrast in the dark theme."""
    page = open_page(color_scheme=scheme, failures=True)
    found = violations(page, axe, rules)
    draw(page, DIGITS[3])
    page.get_by_test_id("explain").click()
    expect(page.get_by_test_id("explanation")).to_be_visible()
    found += violations(page, axe, rules)
    add_pictures(page)
    page.get_by_test_id("row").nth(2).click()
    page.keyboard.press("1")
    found += violations(page, axe, rules)
    page.get_by_role("button", name="Delete everything").click()
    intercept(page, answer())
    page.get_by_test_id("upload").set_input_files([sheet("a.png"), sheet("b.png")])
    expect(page.locator("#doing")).to_have_text("4 of 30 to check")
    page.keyboard.press("8")
    page.get_by_test_id("sums").check()
    found += violations(page, axe, rules)
    page.get_by_role("button", name="Mark boxes").first.click()
    drag(page, (0.2, 0.2), (0.6, 0.4))
    found += violations(page, axe, rules)
    page.get_by_role("button", name="Delete everything").click()
    page.get_by_test_id("upload").set_input_files([picture([])])
    expect(page.get_by_test_id("decision")).to_have_text("abstain")
    page.route("**/v1/predictions*", lambda route: route.abort())
    page.get_by_test_id("explain").click()
    expect(page.get_by_role("alert")).to_be_visible()
    found += violations(page, axe, rules)

    assert not found, "\n".join(found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_sending_is_accessible(open_page: Open, service: str, axe: str, scheme: str) -> None:
    """Axe finds no violation before and after verdicts are sent; all fits 320 pixels."""
    page = open_stack(open_page, service, color_scheme=scheme)
    found = violations(page, axe, {})
    send(page, "Send 2 corrections and 1 confirmation", "3 sent.")
    found += violations(page, axe, {})
    page.set_viewport_size({"width": 320, "height": 700})

    assert not found, "\n".join(found)
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_nothing_is_wider_than_the_screen(open_page: Open) -> None:
    """The page with all its parts fits every width from 320 to 1920 pixels."""
    page = open_page(failures=True)
    page.get_by_test_id("upload").set_input_files(pictures())
    page.get_by_test_id("explain").click()
    page.get_by_test_id("row").nth(3).click()
    expect(page.get_by_test_id("explanation")).to_be_visible()
    intercept(page, answer())
    page.get_by_test_id("upload").set_input_files([sheet("a very long name of a scan.png" * 3)])
    expect(page.get_by_test_id("box-panel")).to_be_visible()
    page.get_by_role("button", name="Mark boxes").first.click()
    expect(page.get_by_test_id("mark-form")).to_be_visible()

    for width in (320, 375, 768, 1080, 1920):
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_dark_is_dark(open_page: Open) -> None:
    """The dark theme has a dark background and light ink; the answer is the same."""
    brightness = """name => getComputedStyle(document.querySelector(name[0]))[name[1]]
        .match(/\\d+/g).slice(0, 3).reduce((sum, value) => sum + Number(value), 0) / 3"""
    page = open_page(color_scheme="dark")
    assert page.evaluate(brightness, ["html", "backgroundColor"]) < 40
    assert page.evaluate(brightness, ["#pad", "color"]) > 200
    draw(page, DIGITS[4])

    expect(page.get_by_test_id("digit")).to_have_text("4")


def test_everything_can_be_reached_by_keyboard(page: Page) -> None:
    """Tab reaches every control, and the focused control has an outline."""
    add_pictures(page, [picture(DIGITS[n], f"{n}.png") for n in (1, 4)])
    page.evaluate("document.activeElement.blur()")
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("document.activeElement.id || document.activeElement.textContent")
        )
        focused = page.locator("label:has(+ :focus), input:focus + label, :focus").last
        assert focused.evaluate("e => getComputedStyle(e).outlineStyle") != "none"
        if page.evaluate("document.activeElement.id") == "curl":
            break

    assert reached >= {"pad", "undo", "clear", "upload", "folder", "model", "explain", "export"}
    assert reached >= {*"0123456789", "none", "copy", "discard", "API documentation"}
    assert "The whole card" in reached
    assert any(text.endswith(".png") for text in reached)
