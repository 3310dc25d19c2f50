"""The work of a visitor: kept in the browser, deleted on demand; strokes before the scripts."""

import base64
from pathlib import Path

from playwright.sync_api import Browser, Route, expect

from tests.app.page.browser.conftest import Open
from tests.app.page.browser.sheets import answer, intercept, sheet
from tests.app.page.browser.strokes import DIGITS
from tests.app.page.browser.test_pictures import GIVE, add_pictures
from tests.app.page.browser.visitor import draw, picture


def test_work_survives_a_reload_and_a_closed_tab(open_page: Open, address: str) -> None:
    """Sheets, pictures and verdicts are there after a reload and in a new tab, without requests."""
    page = open_page()
    intercept(page, answer())
    add_pictures(page, [sheet("a.png"), picture(DIGITS[4], "4.png")])
    expect(page.locator("#doing")).to_have_text("2 of 16 to check")
    page.get_by_role("option", name="Row 2, column 3").click()
    page.keyboard.press("8")
    expect(page.locator("#doing")).to_have_text("1 of 16 to check")
    page.reload()
    expect(page.get_by_role("option", name="Row 2, column 3: 8, corrected")).to_be_attached()
    page.close(run_before_unload=True)
    other = page.context.new_page()
    other.goto(address)

    expect(other.locator("#doing")).to_have_text("1 of 16 to check")
    expect(other.get_by_role("option", name="Row 2, column 3: 8, corrected")).to_be_attached()
    expect(other.get_by_test_id("row")).to_contain_text("4.png")


def test_a_verdict_right_before_a_reload_is_kept(open_page: Open) -> None:
    """The browser stores a verdict although the page is reloaded at once, ten times."""
    page = open_page()
    add_pictures(page, [picture(DIGITS[n], f"{n}.png") for n in (1, 4)])
    expect(page.locator("#doing")).to_have_text("All 2 checked")
    row = page.get_by_test_id("row").filter(has_text="4.png")
    for verdict in "5678956789":
        row.click()
        page.keyboard.press(verdict)
        page.reload()

        expect(row.locator(".digit")).to_have_text(verdict)


def test_files_that_were_not_read_are_read_after_a_reload(open_page: Open) -> None:
    """A file that waited when the page was closed is read when it is opened again."""
    page = open_page(failures=True)
    page.route("**/v1/predictions*", lambda route: None)
    page.get_by_test_id("upload").set_input_files([picture(DIGITS[n], f"{n}.png") for n in (1, 4)])
    expect(page.locator("#doing")).to_have_text("Reading: 2 of 2 files to go")
    page.unroute("**/v1/predictions*")
    page.reload()

    expect(page.locator("#summary")).to_have_text("2 pictures: 2 accepted")


def test_everything_can_be_deleted(open_page: Open, address: str) -> None:
    """After "Delete everything" nothing is left, here, in another tab, and after a reload."""
    page = open_page()
    intercept(page, answer())
    add_pictures(page, [sheet("a.png"), picture(DIGITS[4], "4.png")])
    other = page.context.new_page()
    other.goto(address)
    expect(other.get_by_test_id("row")).to_have_count(1)
    page.get_by_role("button", name="Delete everything").click()

    for tab in (page, other):
        expect(tab.locator("#work")).to_be_hidden()
        expect(tab.get_by_role("heading", level=1)).to_contain_text("Draw a digit")
        expect(tab).to_have_title("digitserve")
    page.reload()
    expect(page.get_by_test_id("model").locator("option")).not_to_have_count(0)
    expect(page.locator("#work")).to_be_hidden()


def test_the_pad_gives_way(open_page: Open) -> None:
    """With pictures the pad is smaller and below them."""
    page = open_page()
    before = page.get_by_test_id("pad").bounding_box()
    add_pictures(page, [picture(DIGITS[n], f"{n}.png") for n in (1, 4)])
    after, grid = page.get_by_test_id("pad").bounding_box(), page.locator("#grid").bounding_box()

    assert before
    assert after
    assert grid
    assert after["width"] < 0.6 * before["width"]
    assert after["y"] > grid["y"]


def test_a_browser_that_keeps_nothing_is_named(open_page: Open) -> None:
    """Without storage the work goes on, and the page says that nothing is kept."""
    page = open_page()
    page.context.add_init_script("IDBFactory.prototype.open = () => { throw new Error(); }")
    page.reload()
    expect(page.get_by_test_id("model").locator("option")).not_to_have_count(0)
    add_pictures(page, [picture(DIGITS[n], f"{n}.png") for n in (1, 4)])

    expect(page.locator("#summary")).to_have_text("2 pictures: 2 accepted")
    expect(page.locator("#not-kept")).to_be_visible()
    expect(page.locator("#kept")).to_be_hidden()


def test_strokes_before_the_scripts_are_kept(browser: Browser, address: str) -> None:
    """What is drawn while the modules are loaded is answered when they are there."""
    page = browser.new_page()
    held: list[Route] = []
    page.route("**/pad.js", lambda route: held.append(route))
    page.goto(address, wait_until="domcontentloaded")
    page.wait_for_timeout(300)
    draw(page, DIGITS[4])
    assert len(held) == 1
    held[0].continue_()

    expect(page.get_by_test_id("digit")).to_have_text("4")
    page.close()


def test_a_stroke_in_progress_is_continued(browser: Browser, address: str) -> None:
    """A stroke that was begun before the modules are loaded can be ended after it."""
    page = browser.new_page()
    held: list[Route] = []
    page.route("**/pad.js", lambda route: held.append(route))
    page.goto(address, wait_until="domcontentloaded")
    page.wait_for_timeout(300)
    draw(page, DIGITS[3], lift=False)
    held[0].continue_()
    expect(page.get_by_test_id("digit")).to_have_text("3")
    page.mouse.up()
    draw(page, DIGITS[1])

    expect(page.get_by_test_id("curl")).to_contain_text("curl")
    page.close()


def test_a_folder_is_read_in_the_order_of_its_names(open_page: Open, tmp_path: Path) -> None:
    """Pictures of a folder are sorted by number; other files are left out."""
    page = open_page()
    for number in (10, 2, 1):
        (tmp_path / f"scan {number}.png").write_bytes(picture(DIGITS[3])["buffer"])
    (tmp_path / "notes.txt").write_text("no picture")
    page.get_by_test_id("folder").set_input_files(tmp_path)
    expect(page.locator("#summary")).to_have_text("3 pictures: 3 accepted")
    names = page.evaluate("""async () => {
        const { Store } = await import(document.querySelector('link[href$="/store.js"]').href);
        return (await new Store({}).all()).map(({ name }) => name);
    }""")

    assert names == [f"{tmp_path.name}/scan {number}.png" for number in (1, 2, 10)]


def test_a_dropped_picture_is_kept_out_of_the_work(open_page: Open) -> None:
    """A single small picture takes the place of a drawing; there is no table to check."""
    page = open_page()
    content = base64.b64encode(picture(DIGITS[4])["buffer"]).decode()
    page.evaluate(GIVE, ["drop", content])

    expect(page.get_by_test_id("digit")).to_have_text("4")
    expect(page.locator("#work")).to_be_hidden()
