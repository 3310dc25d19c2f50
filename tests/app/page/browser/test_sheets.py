"""Sheets: found, displayed, checked by key press, exported."""

import csv
import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.app.page.browser.conftest import Open
from tests.app.page.browser.sheets import answer, intercept, sheet
from tests.app.page.browser.strokes import DIGITS
from tests.app.page.browser.visitor import picture


def pdf(pages: int = 1) -> FilePayload:
    """Return a PDF with a sheet on each page."""
    images = [Image.open(io.BytesIO(sheet()["buffer"])).convert("RGB") for _ in range(pages)]
    file = io.BytesIO()
    images[0].save(file, "PDF", save_all=True, append_images=images[1:], resolution=100)
    return {"name": "exam.pdf", "mimeType": "application/pdf", "buffer": file.getvalue()}


def open_sheets(open_page: Open, *names: str, url: str | None = None) -> Page:
    """Open the page and choose sheets of 15 boxes, two of them doubtful."""
    page = open_page(**({"url": url} if url else {}))
    intercept(page, answer())
    page.get_by_test_id("upload").set_input_files([sheet(name) for name in names])
    expect(page.locator("#doing")).to_have_text(f"{2 * len(names)} of {15 * len(names)} to check")
    return page


def cells(page: Page) -> list[list[str]]:
    """Return the texts of the table, row by row."""
    return [row.locator("td").all_inner_texts() for row in page.locator("#values tr").all()]


def test_a_sheet_is_read_by_the_service(open_page: Open) -> None:
    """The service finds the boxes of a drawn sheet, and the page shows them."""
    page = open_page()
    page.get_by_test_id("upload").set_input_files([sheet()])

    expect(page.get_by_role("option", name="Row")).to_have_count(15)
    expect(page.get_by_role("option", name="Row 1, column 2: 2, accepted")).to_be_visible()


def test_a_pdf_is_displayed(open_page: Open) -> None:
    """The pages of a PDF come from the service as pictures: the page shows their ink."""
    page = open_page()
    page.get_by_test_id("upload").set_input_files([pdf(2)])
    expect(page.get_by_test_id("page").locator("option")).to_have_count(2)
    expect(page.get_by_test_id("page")).to_contain_text("exam.pdf, page 2")
    darkest = """async canvas => {
        const copy = document.createElement("canvas");
        const context = copy.getContext("2d", { willReadFrequently: true });
        for (;;) {
            [copy.width, copy.height] = [canvas.width, canvas.height];
            if (copy.width && copy.height) context.drawImage(canvas, 0, 0);
            const { data } = context.getImageData(0, 0, copy.width, copy.height);
            const levels = data.filter((_, place) => place % 4 === 0 && data[place + 3]);
            if (new Set(levels).size > 5) return Math.min(...new Set(levels));
            await new Promise(requestAnimationFrame);
        }
    }"""

    assert page.locator("#page-image").evaluate(darkest) < 100
    assert page.locator("#zoom").evaluate(darkest) < 200


def test_boxes_are_beside_a_table(open_page: Open) -> None:
    """The table has the digits in reading order; empty boxes are empty, doubtful ones marked."""
    page = open_sheets(open_page, "a.png")

    expect(page.locator("polygon[data-status=open]")).to_have_count(2)
    expect(page.get_by_test_id("box-name")).to_have_text("Row 2, column 3")
    expect(page.get_by_test_id("box-answer")).to_contain_text("could be 2 or 3")
    assert cells(page) == [list("12340"), ["2", "", "2?", "4", "3"], ["0", "?", "", "1", "2"]]
    page.get_by_test_id("sums").check()
    assert [row[-1] for row in cells(page)] == ["10", "9", "3"]


def test_keys_check_the_doubtful_boxes_of_all_sheets(open_page: Open) -> None:
    """A digit corrects, Enter confirms, Delete empties; each moves on, also to the next sheet."""
    page = open_sheets(open_page, "a.png", "b.png")
    page.keyboard.press("9")
    expect(page.get_by_role("option", name="Row 3, column 2")).to_be_focused()
    page.keyboard.press("Delete")
    expect(page.get_by_test_id("page")).to_contain_text("1 of 2: a.png, done")
    expect(page.get_by_test_id("box-name")).to_have_text("Row 2, column 3")
    expect(page.locator("#doing")).to_have_text("2 of 30 to check")
    page.keyboard.press("Enter")
    page.keyboard.press("Backspace")

    expect(page.locator("#doing")).to_have_text("All 30 checked")
    expect(page).to_have_title("All 30 checked \N{EN DASH} digitserve")
    expect(page.get_by_role("option", name="Row 2, column 3: 2, confirmed")).to_be_attached()
    page.get_by_role("button", name="Previous page").click()
    expect(page.get_by_role("option", name="Row 2, column 3: 9, corrected")).to_be_attached()


def test_any_box_can_be_reached(open_page: Open) -> None:
    """Tab moves to the next doubtful box, arrow keys to any; a click selects; Z takes back."""
    page = open_sheets(open_page, "a.png")
    page.get_by_test_id("mark").focus()
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(page.get_by_role("option", name="Row 3, column 2")).to_be_focused()
    for key in ("ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
    expect(page.get_by_role("option", name="Row 2, column 1")).to_be_focused()
    page.get_by_role("option", name="Row 1, column 5").click()
    page.keyboard.press("7")
    changed = page.get_by_role("option", name="Row 1, column 5: 7, corrected")
    expect(changed).to_be_attached()
    changed.click()
    page.keyboard.press("z")

    expect(page.get_by_role("option", name="Row 1, column 5: 0, accepted")).to_be_focused()


def test_buttons_do_what_keys_do(open_page: Open) -> None:
    """The buttons of the panel correct the selected box."""
    page = open_sheets(open_page, "a.png")
    page.get_by_test_id("box-panel").get_by_role("button", name="8").click()
    page.get_by_test_id("box-panel").get_by_role("button", name="none").click()

    expect(page.locator("#doing")).to_have_text("All 15 checked")
    assert cells(page)[1:] == [["2", "", "8", "4", "3"], ["0", "", "", "1", "2"]]


def test_a_page_without_boxes_says_so(open_page: Open) -> None:
    """The page says that nothing was found in a PDF; a large picture is read as one digit."""
    page = open_page()
    content = answer()
    content["pages"][0]["boxes"] = []
    intercept(page, content)
    page.get_by_test_id("upload").set_input_files([picture(DIGITS[3], "big.png", size=900)])
    expect(page.get_by_test_id("digit")).to_have_text("3")
    page.get_by_test_id("upload").set_input_files([pdf()])

    expect(page.get_by_test_id("nothing")).to_contain_text("Nothing found")


def test_a_service_without_sheets_reads_digits(open_page: Open) -> None:
    """A large picture is read as one digit where the service reads no sheets."""
    page = open_page(failures=True)
    intercept(page, {"detail": "sheets: expected opencv, got none"}, status=501)
    page.get_by_test_id("upload").set_input_files([picture(DIGITS[4], "big.png", size=900)])
    expect(page.get_by_test_id("digit")).to_have_text("4")
    page.get_by_test_id("upload").set_input_files([pdf()])

    expect(page.get_by_role("alert")).to_contain_text("expected opencv")


def test_a_sideways_page_is_turned(open_page: Open) -> None:
    """A page whose boxes lie on their side is displayed upright."""
    page = open_page()
    content = answer()
    sideways = content["pages"][0]
    for box in sideways["boxes"]:
        box["corners"] = [[sideways["height"] - y, x] for x, y in box["corners"]]
    sideways["width"], sideways["height"] = sideways["height"], sideways["width"]
    intercept(page, content)
    page.get_by_test_id("upload").set_input_files([sheet()])
    first, last = page.locator("polygon").first, page.locator("polygon").last

    expect(first).to_be_visible()
    above, below = first.bounding_box(), last.bounding_box()
    assert above
    assert below
    assert above["x"] < below["x"]
    assert above["y"] < below["y"]


def test_sheets_and_pictures_share_a_table(open_page: Open, tmp_path: Path) -> None:
    """The CSV has all files in order, a row per box, with final digits and their status."""
    page = open_page(failures=True)
    intercept(page, answer())
    files = [picture(DIGITS[4], "=4.png"), sheet("b.png"), picture([], "blank.png")]
    page.get_by_test_id("upload").set_input_files(files)
    expect(page.locator("#doing")).to_have_text("2 of 17 to check")
    page.get_by_role("option", name="Row 2, column 3").click()
    page.keyboard.press("8")
    with page.expect_download() as download:
        page.get_by_test_id("export").click()
    download.value.save_as(tmp_path / "table.csv")
    content = (tmp_path / "table.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))

    assert content.startswith(b"\xef\xbb\xbffile,page,box,")
    assert content.count(b"\r\n") == 18
    assert [row["file"] for row in rows] == ["'=4.png", *["b.png"] * 15, "blank.png"]
    assert [row["final"] for row in rows] == [*"4123402", "", *"8430", "", "", *"12", ""]
    assert [row["status"] for row in rows if row["status"] != "accepted"] == ["corrected", "open"]
    assert [(row["digit"], row["reason"]) for row in rows[-1:]] == [("", "blank")]
    assert (rows[8]["row"], rows[8]["column"], rows[8]["correction"]) == ("2", "3", "8")
