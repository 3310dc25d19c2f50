"""Picture files: chosen, pasted or dropped; corrected and exported."""

import base64
import csv
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, Route, expect

from tests.app.page.browser.conftest import Open
from tests.app.page.browser.strokes import DIGITS
from tests.app.page.browser.visitor import draw, picture

PDF: FilePayload = {"name": "notes.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}

GIVE = """([kind, bytes]) => {
    const file = new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], "given.png",
                          { type: "image/png" });
    const data = new DataTransfer();
    data.items.add(file);
    const given = kind === "paste" ? { clipboardData: data } : { dataTransfer: data };
    const Kind = kind === "paste" ? ClipboardEvent : DragEvent;
    document.body.dispatchEvent(new Kind(kind, { bubbles: true, cancelable: true, ...given }));
}"""


def pictures() -> list[FilePayload]:
    """Return a picture of each digit, an empty picture, and a PDF."""
    blank = picture([], "blank.png")
    return [*[picture(DIGITS[n], f"scan {n}.png") for n in DIGITS], blank, PDF]


def add_pictures(page: Page, files: list[FilePayload] | None = None) -> None:
    """Choose pictures and wait for all answers."""
    page.get_by_test_id("upload").set_input_files(pictures() if files is None else files)
    expect(page.locator("#summary")).not_to_contain_text("waiting")


def test_a_chosen_picture_is_read(page: Page) -> None:
    """The page shows the digit of the file, and a command with its name."""
    page.get_by_test_id("upload").set_input_files([picture(DIGITS[2], "it's a two.png")])

    expect(page.get_by_test_id("digit")).to_have_text("2")
    expect(page.get_by_test_id("curl")).to_contain_text(r"'@it'\''s a two.png'")


@pytest.mark.parametrize("kind", ["paste", "drop"])
def test_a_picture_can_be_pasted_or_dropped(page: Page, kind: str) -> None:
    """A pasted and a dropped picture are answered."""
    content = base64.b64encode(picture(DIGITS[4])["buffer"]).decode()
    page.evaluate(GIVE, [kind, content])

    expect(page.get_by_test_id("digit")).to_have_text("4")


def test_an_empty_picture_is_no_digit(page: Page) -> None:
    """The model abstains from an empty picture, and the page gives the reason."""
    page.get_by_test_id("upload").set_input_files([picture([])])

    expect(page.get_by_test_id("decision")).to_have_text("abstain")
    expect(page.get_by_test_id("reason")).to_contain_text("the picture is empty")


def test_the_refusal_of_a_pdf_is_shown(open_page: Open) -> None:
    """The page shows the service's message, and the next drawing is answered."""
    page = open_page(failures=True)
    page.get_by_test_id("upload").set_input_files([PDF])
    expect(page.get_by_role("alert")).to_contain_text("expected")
    draw(page, DIGITS[1])

    expect(page.get_by_test_id("digit")).to_have_text("1")
    expect(page.get_by_role("alert")).to_be_hidden()


def test_many_pictures_are_sorted_by_doubt(open_page: Open) -> None:
    """Empty pictures come first here, then accepted ones by confidence, unreadable files last."""
    page = open_page(failures=True)
    add_pictures(page)
    rows = page.get_by_test_id("row")

    expect(rows).to_have_count(7)
    expect(rows.nth(0)).to_contain_text("empty")
    expect(rows.nth(6)).to_contain_text("got")
    digits = sorted(rows.nth(n).locator(".digit").inner_text() for n in range(1, 6))
    assert digits == ["0", "1", "2", "3", "4"]
    expect(page.locator("#summary")).to_have_text("7 pictures: 5 accepted, 1 empty, 1 unreadable")


def test_a_key_corrects_and_moves_on(open_page: Open) -> None:
    """Keys correct, confirm, mark as none, go back, and remove a correction."""
    page = open_page(failures=True)
    add_pictures(page)
    rows = page.get_by_test_id("row")
    rows.first.click()
    for key in ("9", "Delete", "Enter", "ArrowLeft"):
        page.keyboard.press(key)

    expect(rows.nth(0)).to_contain_text("corrected, was empty")
    expect(rows.nth(0).locator(".digit")).to_have_text("9")
    expect(rows.nth(1).locator(".digit")).to_have_text("none")
    expect(rows.nth(2)).to_contain_text("confirmed")
    expect(rows.nth(2)).to_be_focused()
    page.keyboard.press("z")
    expect(rows.nth(2)).not_to_contain_text("confirmed")
    expect(page.locator("#summary")).to_contain_text("2 checked")


def test_the_selected_picture_is_shown_above(page: Page) -> None:
    """The answer and the command of the selected picture are shown."""
    add_pictures(page, [picture(DIGITS[n], f"{n}.png") for n in (1, 4)])
    for digit in ("1", "4"):
        page.get_by_test_id("row").filter(has_text=f"{digit}.png").click()

        expect(page.get_by_test_id("digit")).to_have_text(digit)
        expect(page.get_by_test_id("curl")).to_contain_text(f"@{digit}.png")


def test_tiles_say_why_an_answer_is_missing(page: Page) -> None:
    """Tiles show "empty", "not a digit" and "could be"; they show no digit that was not read."""
    predictions = {"blank": "empty", "not_a_digit": "not a digit", "several_digits": "two digits"}
    reasons = iter([*predictions, "ambiguous"])

    def answer(route: Route) -> None:
        content = route.fetch().json()
        content |= {"decision": "abstain", "reason": next(reasons)}
        content["probabilities"] |= {"1": 0.5, "4": 0.4}
        route.fulfill(json=content)

    page.route("**/v1/predictions*", answer)
    add_pictures(page, [picture(DIGITS[1], f"{n}.png") for n in range(4)])
    rows = page.get_by_test_id("row")

    for text in (*predictions.values(), "could be 1 or 4"):
        expect(rows.filter(has_text=text)).to_have_count(1)
    shown = {rows.nth(n).locator(".digit").inner_text() for n in range(4)}
    assert shown == {"", "?", "1?"}


def test_the_csv_has_no_formulas(page: Page, tmp_path: Path) -> None:
    """The CSV has a row per picture with its correction; a formula in a name is escaped."""
    add_pictures(page, [picture(DIGITS[3], '=HYPERLINK("x"),.png'), picture(DIGITS[0], "zero.png")])
    page.get_by_test_id("row").filter(has_text="zero.png").click()
    page.keyboard.press("2")
    with page.expect_download() as download:
        page.get_by_test_id("export").click()

    download.value.save_as(tmp_path / "table.csv")
    with (tmp_path / "table.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    formula, zero = rows['\'=HYPERLINK("x"),.png'], rows["zero.png"]
    assert (formula["digit"], formula["decision"], formula["correction"]) == ("3", "accept", "")
    assert (zero["digit"], zero["correction"], zero["model"]) == ("0", "2", "cnn")
    assert [(row["final"], row["status"]) for row in (formula, zero)] == [
        ("3", "accepted"),
        ("2", "corrected"),
    ]
    assert 0.9 < float(zero["confidence"]) <= 1


def test_another_model_predicts_all_pictures_again(page: Page) -> None:
    """Answers of the new model replace the others; corrections stay."""
    add_pictures(page, [picture(DIGITS[n], f"{n}.png") for n in (1, 4)])
    page.get_by_test_id("row").filter(has_text="1.png").click()
    page.keyboard.press("3")
    with page.expect_response("**/v1/predictions?include=input&model=dnn"):
        page.get_by_test_id("model").select_option("dnn")

    expect(page.locator("#summary")).to_have_text("2 pictures: 2 accepted, 1 checked")
    corrected = page.get_by_test_id("row").filter(has_text="1.png")
    expect(corrected).to_contain_text("corrected, was 1")
