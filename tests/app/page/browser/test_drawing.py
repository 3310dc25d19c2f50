"""Drawing with mouse, pen, touch and keyboard, and the answer to a drawing."""

import shutil
import subprocess
from json import loads
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.app.page.browser.conftest import Open
from tests.app.page.browser.strokes import DIGITS, SCRIBBLE, SEVEN, Stroke
from tests.app.page.browser.visitor import draw, draw_with_finger, draw_with_pen
from tests.support.models import SHIPPED


@pytest.mark.parametrize("digit", DIGITS)
def test_each_digit_is_read(page: Page, digit: int) -> None:
    """Each drawn digit is accepted, its bar is marked, and its confidence is below 100 %."""
    draw(page, DIGITS[digit])

    expect(page.get_by_test_id("digit")).to_have_text(str(digit))
    expect(page.get_by_test_id("decision")).to_have_text("accept")
    # read in one call: the answer to the last points may still replace the one before
    confidence, share = page.evaluate(
        "ids => ids.map(id => document.querySelector(id).textContent.trim())",
        ['[data-testid="confidence"]', f'[data-testid="bar-{digit}"] .share'],
    )
    assert confidence == share != ""
    expect(page.get_by_test_id("confidence")).not_to_contain_text("100")
    expect(page.locator(".likeliest")).to_have_attribute("data-testid", f"bar-{digit}")
    expect(page.get_by_test_id("reason")).to_contain_text(f"Read as a {digit}")


@pytest.mark.parametrize("strokes", [SEVEN, SCRIBBLE], ids=["seven", "scribble"])
def test_another_digit_and_a_scribble_are_not_accepted(page: Page, strokes: list[Stroke]) -> None:
    """The model abstains from a seven and a scribble, and the page gives the reason."""
    draw(page, strokes)

    expect(page.get_by_test_id("decision")).to_have_text("abstain", timeout=3_000)
    expect(page.get_by_test_id("reason")).to_have_text(
        "This does not look like a digit from 0 to 4."
    )


def test_the_answer_says_where_it_comes_from(page: Page) -> None:
    """The page shows the 14x14 picture, its steps, the response time and a card of every model."""
    draw(page, DIGITS[3])

    expect(page.get_by_test_id("seen")).to_be_visible()
    assert page.get_by_test_id("seen").evaluate("image => image.naturalWidth") == 14
    expect(page.locator("#steps")).to_contain_text("inverted")
    expect(page.get_by_test_id("time")).to_contain_text("answered in")
    for name in SHIPPED:
        card = page.get_by_test_id(f"card-{name}")
        expect(card.locator(".figure")).to_have_text("3")
        expect(card).to_contain_text("of 10,000 wrong" if name == "cnn10" else "of 5,139 wrong")


def test_the_answer_comes_while_drawing(page: Page) -> None:
    """The answer appears before the mouse button is released."""
    draw(page, DIGITS[2], lift=False)

    expect(page.get_by_test_id("digit")).to_have_text("2")
    page.mouse.up()


def test_the_latest_answer_wins(open_page: Open) -> None:
    """A late answer to an earlier request is not shown."""
    page = open_page(failures=True)
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/v1/predictions*", hold_the_first)
    with page.expect_request("**/v1/predictions*"):
        draw(page, DIGITS[1])
    page.get_by_test_id("clear").click()
    draw(page, DIGITS[3])
    expect(page.get_by_test_id("digit")).to_have_text("3")

    held[0].continue_()
    page.wait_for_timeout(300)
    assert page.get_by_test_id("digit").inner_text() == "3"


def test_undo_and_clear(page: Page) -> None:
    """Undo removes one stroke, clear removes all strokes, and undo restores them."""
    draw(page, [DIGITS[1][0], DIGITS[4][0]])
    page.get_by_test_id("undo").click()
    expect(page.get_by_test_id("digit")).to_have_text("1")
    page.get_by_test_id("clear").click()
    expect(page.get_by_test_id("digit")).to_have_text("")
    page.keyboard.press("Control+z")

    expect(page.get_by_test_id("digit")).to_have_text("1")


def test_pressure_makes_a_line_thicker(page: Page) -> None:
    """A line drawn at high pressure has more than twice the ink of one at low pressure."""
    count = """pad => {
        const copy = new OffscreenCanvas(pad.width, pad.height);
        const context = copy.getContext("2d", { willReadFrequently: true });
        context.drawImage(pad, 0, 0);
        return context.getImageData(0, 0, pad.width, pad.height).data
            .reduce((sum, value, index) => sum + (index % 4 === 3 && value > 128), 0);
    }"""
    ink = []
    for force in (0.1, 0.9):
        page.get_by_test_id("clear").click()
        draw_with_pen(page, DIGITS[1][0], force)
        ink.append(page.get_by_test_id("pad").evaluate(count))

    assert ink[1] > 2 * ink[0] > 0


def test_a_finger_draws_and_does_not_scroll(open_page: Open) -> None:
    """On a phone, a touch on the pad draws, the page does not scroll, and a photo can be taken."""
    phone: dict[str, Any] = {"has_touch": True, "is_mobile": True}
    page = open_page(viewport={"width": 375, "height": 600}, **phone)
    draw_with_finger(page, DIGITS[4])
    before = page.evaluate("scrollY")
    draw_with_finger(page, DIGITS[4][:1])

    expect(page.get_by_test_id("digit")).to_have_text("4")
    assert page.evaluate("scrollY") == before
    expect(page.get_by_text("Take a photo")).to_be_visible()
    assert page.locator("#camera").get_attribute("capture") == "environment"


def test_the_keyboard_alone_draws(page: Page) -> None:
    """Arrow keys and space draw a one, and Delete clears it."""
    while page.evaluate("document.activeElement.id") != "pad":
        page.keyboard.press("Tab")
    for key in [*["ArrowUp"] * 7, "Space", *["ArrowDown"] * 14, "Space"]:
        page.keyboard.press(key)
    expect(page.get_by_test_id("digit")).to_have_text("1")
    expect(page.get_by_role("status")).to_contain_text("1, ")
    page.keyboard.press("Delete")

    expect(page.get_by_test_id("digit")).to_have_text("")


def test_another_model_answers_when_it_is_chosen(page: Page) -> None:
    """The same drawing is sent to the selected model."""
    draw(page, DIGITS[2])
    with page.expect_request("**/v1/predictions?include=input&model=dnn"):
        page.get_by_test_id("model").select_option("dnn")

    expect(page.get_by_test_id("digit")).to_have_text("2")


def test_explain_shows_which_pixels_speak(page: Page) -> None:
    """Explain shows a heat map and a sentence; a second click hides them."""
    draw(page, DIGITS[0])
    page.get_by_test_id("explain").click()
    expect(page.get_by_test_id("explanation")).to_contain_text("What speaks most for 0 is the ink")
    expect(page.locator("#relevance")).to_be_visible()
    page.get_by_test_id("explain").click()

    expect(page.locator("#relevance")).to_be_hidden()


def test_the_command_repeats_the_request(page: Page) -> None:
    """The displayed command, run in a shell, gives the same digit."""
    if not shutil.which("curl"):
        pytest.skip("needs curl in the PATH: apt install curl")
    draw(page, DIGITS[3])
    expect(page.get_by_test_id("digit")).to_have_text("3")
    expect(page.get_by_test_id("curl")).to_contain_text("curl -H")

    command = page.get_by_test_id("curl").inner_text()
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert loads(done.stdout)["digit"] == 3
