"""Corrections and confirmations sent to the service, only at the press of a button."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.app.page.browser.conftest import Open
from tests.app.page.browser.sheets import sheet
from tests.app.page.browser.strokes import DIGITS
from tests.app.page.browser.test_pictures import add_pictures
from tests.app.page.browser.visitor import picture
from tests.support.servers import serve

Stored = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def stored(service: str) -> Stored:
    """Return a function that lists the feedback of the service."""
    return lambda: httpx.get(f"{service}/v1/feedback").json()["feedback"]


def open_stack(open_page: Open, url: str, **options: Any) -> Page:
    """Open the page with three pictures: the first two corrected to 9 and none, one confirmed."""
    page = open_page(url, **options)
    add_pictures(page, [picture(DIGITS[n], f"{n}.png") for n in (1, 2, 4)])
    expect(page.locator("#summary")).to_have_text("3 pictures: 3 accepted")
    expect(page.locator("#doing")).to_have_text("All 3 checked")
    page.get_by_test_id("row").first.click()
    for key in ("9", "x", "Enter"):
        page.keyboard.press(key)
    return page


def send(page: Page, text: str, result: str) -> None:
    """Press the button with this text; wait for the result."""
    page.get_by_role("button", name=text, exact=True).click()
    expect(page.get_by_test_id("sending")).to_have_text(result)


def digits(entries: list[dict[str, Any]]) -> list[Any]:
    """Return the true digits of feedback."""
    return sorted((entry["digit"] for entry in entries), key=str)


def test_a_stack_is_sent(open_page: Open, service: str, stored: Stored) -> None:
    """One press sends each verdict with its request; after a reload it is not sent again."""
    page = open_stack(open_page, service)
    expect(page.get_by_test_id("keeps")).to_contain_text(
        "grey pixels, your digit, and the model with its answer"
    )
    send(page, "Send 2 corrections and 1 confirmation", "3 sent.")
    entries = stored()
    expect(page.get_by_test_id("row").filter(has_text=", sent")).to_have_count(3)
    page.reload()

    expect(page.get_by_test_id("sending")).to_have_text("3 sent.")
    expect(page.get_by_test_id("send")).to_have_text("Nothing new to send")
    expect(page.get_by_test_id("send")).to_have_attribute("aria-disabled", "true")
    assert sorted(entry["answer"]["correct"] for entry in entries) == [False, False, True]
    assert {9, None} <= set(digits(entries))
    assert all(entry["request_id"] and not entry["has_original"] for entry in entries)


def test_nothing_is_sent_without_the_press(open_page: Open, service: str, stored: Stored) -> None:
    """Reading, correcting, confirming and a reload request no feedback."""
    page = open_page(service)
    requested: list[Request] = []
    page.on("request", lambda request: requested.append(request))
    add_pictures(page, [picture(DIGITS[n], f"{n}.png") for n in (1, 2)])
    expect(page.locator("#doing")).to_have_text("All 2 checked")
    page.get_by_test_id("row").first.click()
    for key in ("9", "Enter"):
        page.keyboard.press(key)
    page.reload()
    expect(page.get_by_test_id("send")).to_have_text("Send 1 correction and 1 confirmation")

    assert stored() == []
    assert requested
    assert not [one.url for one in requested if "/v1/feedback" in one.url]


def test_a_changed_verdict_is_sent_again(open_page: Open, service: str, stored: Stored) -> None:
    """The new digit replaces the old one; one that is taken back is deleted."""
    page = open_stack(open_page, service)
    send(page, "Send 2 corrections and 1 confirmation", "3 sent.")
    page.get_by_test_id("row").first.click()
    for key in ("8", "z"):
        page.keyboard.press(key)
    send(page, "Send 1 correction, take back 1", "2 sent.")

    entries = stored()
    assert len(entries) == 2
    assert 8 in digits(entries)
    assert None not in digits(entries)


def test_what_was_sent_can_be_deleted(open_page: Open, service: str, stored: Stored) -> None:
    """One button deletes all that was sent; the verdicts stay, and can be sent again."""
    page = open_stack(open_page, service)
    expect(page.get_by_test_id("unsend")).to_be_hidden()
    send(page, "Send 2 corrections and 1 confirmation", "3 sent.")
    send(page, "Delete what was sent", "Nothing of this is at the service any more.")

    assert stored() == []
    expect(page.get_by_test_id("send")).to_have_text("Send 2 corrections and 1 confirmation")


def test_a_picture_that_became_a_sheet_can_be_deleted(
    open_page: Open, service: str, stored: Stored
) -> None:
    """What was sent of a picture is not lost when boxes are marked in it."""
    page = open_stack(open_page, service)
    send(page, "Send 2 corrections and 1 confirmation", "3 sent.")
    page.get_by_test_id("row").first.click()
    page.get_by_test_id("mark-picture").click()
    expect(page.get_by_test_id("row")).to_have_count(2)
    page.reload()
    send(page, "Delete what was sent", "Nothing of this is at the service any more.")

    assert stored() == []


def test_the_same_picture_twice(open_page: Open, service: str, stored: Stored) -> None:
    """It is stored once, and deleted when both verdicts are taken back."""
    page = open_page(service)
    add_pictures(page, [picture(DIGITS[4], "a.png"), picture(DIGITS[4], "b.png")])
    page.get_by_test_id("row").first.click()
    for key in ("9", "9"):
        page.keyboard.press(key)
    send(page, "Send 2 corrections", "2 sent.")
    assert digits(stored()) == [9]
    page.get_by_test_id("row").last.click()
    page.keyboard.press("z")
    send(page, "Take back 1", "1 sent.")
    assert digits(stored()) == [9]
    page.get_by_test_id("row").first.click()
    page.keyboard.press("z")
    send(page, "Take back 1", "Nothing of this is at the service any more.")

    assert stored() == []


def test_boxes_of_a_sheet_are_sent(open_page: Open, service: str, stored: Stored) -> None:
    """Each verdict goes to its own box: the stored answer is the one that the page shows."""
    page = open_page(service)
    page.get_by_test_id("upload").set_input_files([sheet(contents=["12340", "23 43"])])
    expect(page.get_by_role("option", name="Row")).to_have_count(10)
    for name, key in (("Row 1, column 4", "9"), ("Row 2, column 5", "Enter")):
        page.get_by_role("option", name=name).click()
        page.keyboard.press(key)
    send(page, "Send 1 correction and 1 confirmation", "2 sent.")

    expect(page.get_by_role("option", name="Row 1, column 4: 9, corrected, sent")).to_be_visible()
    answers = {entry["digit"]: entry["answer"]["digit"] for entry in stored()}
    assert answers == {9: 4, 3: 3}


def test_forgotten_pictures_are_sent_again(open_page: Open, database: str) -> None:
    """A service that was restarted gets a picture as a file, and reads a sheet once more."""
    with serve(DIGITS_DATABASE_URL=database) as server:
        url = server.url
        page = open_page(url, failures=True)
        files = [sheet(contents=["12340", "23 43"]), picture(DIGITS[4], "4.png")]
        add_pictures(page, files)
    with serve(DIGITS_DATABASE_URL=database, DIGITS_PORT=url.rpartition(":")[2]):
        page.get_by_test_id("row").first.click()
        page.keyboard.press("7")
        for name in ("Row 1, column 4", "Row 2, column 1"):
            page.get_by_role("option", name=name).click()
            page.keyboard.press("9")
        sheets: list[Request] = []
        page.on("request", lambda one: sheets.append(one) if "sheets" in one.url else None)
        send(page, "Send 3 corrections", "3 sent.")
        entries = httpx.get(f"{url}/v1/feedback").json()["feedback"]

    assert len(sheets) == 1
    assert digits(entries) == [7, 9, 9]
    assert sorted(entry["answer"]["digit"] for entry in entries) == [2, 4, 4]


def test_a_service_that_keeps_originals_says_so(open_page: Open, database: str) -> None:
    """With originals and an end of the time, the page says it, and sends the file without name."""
    options = {"DIGITS_KEEP_ORIGINALS": "1", "DIGITS_FEEDBACK_DAYS": "90"}
    with serve(DIGITS_DATABASE_URL=database, **options) as server:
        page = open_stack(open_page, server.url)
        expect(page.get_by_test_id("keeps")).to_contain_text("for 90 days")
        expect(page.get_by_test_id("keeps")).to_contain_text("also the file as you gave it")
        bodies: list[bytes] = []

        def look(route: Route) -> None:
            bodies.append(route.request.post_data_buffer or b"")
            route.continue_()

        page.route("**/v1/feedback*", look)
        send(page, "Send 2 corrections and 1 confirmation", "3 sent.")
        entries = httpx.get(f"{server.url}/v1/feedback").json()["feedback"]

    assert all(entry["has_original"] for entry in entries)
    assert all(b'filename="picture"' in body and b".png" not in body for body in bodies)


@pytest.fixture
def lockable(database: str) -> Iterator[str]:
    """Return the URL of a service whose database a test locks."""
    with serve(DIGITS_DATABASE_URL=database) as server:
        yield server.url


def test_a_database_that_is_gone_is_waited_for(
    open_page: Open, lockable: str, tmp_path: Path
) -> None:
    """With the database locked, 503: the verdicts are kept, and are sent when it is back."""
    page = open_stack(open_page, lockable, failures=True)
    with closing(sqlite3.connect(tmp_path / "feedback.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        page.get_by_test_id("send").click()
        state = page.get_by_test_id("sending")
        expect(state).to_contain_text("The service cannot store anything now. Nothing is lost")
        expect(page.get_by_test_id("send")).to_have_text("Try now")
        expect(page.get_by_role("alert")).to_be_hidden()
        other.execute("ROLLBACK")
    page.get_by_test_id("send").click()

    expect(state).to_have_text("3 sent.")
    assert len(httpx.get(f"{lockable}/v1/feedback").json()["feedback"]) == 3


def test_a_reload_waits_for_the_button(open_page: Open, service: str, stored: Stored) -> None:
    """What was not sent before a reload is kept, and sent at the next press."""
    page = open_stack(open_page, service, failures=True)
    page.route("**/v1/feedback", lambda route: route.abort())
    page.get_by_test_id("send").click()
    expect(page.get_by_test_id("sending")).to_contain_text("The service cannot be reached.")
    page.unroute("**/v1/feedback")
    page.reload()
    expect(page.get_by_test_id("send")).to_have_text("Send 2 corrections and 1 confirmation")
    assert stored() == []
    send(page, "Send 2 corrections and 1 confirmation", "3 sent.")

    assert len(stored()) == 3


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_kept(open_page: Open, service: str, status: int) -> None:
    """The next try is not before the time in Retry-After, and comes by itself."""
    page = open_page(service, failures=True)
    page.clock.install()
    add_pictures(page, [picture(DIGITS[n], f"{n}.png") for n in (1, 2)])
    page.get_by_test_id("row").first.click()
    page.keyboard.press("9")
    tries: list[int] = []

    def refuse_once(route: Route) -> None:
        tries.append(status)
        if len(tries) > 1:
            route.continue_()
        else:
            route.fulfill(status=status, headers={"Retry-After": "30"}, body=json.dumps({}))

    page.route("**/v1/feedback", refuse_once)
    page.get_by_test_id("send").click()
    expect(page.get_by_test_id("sending")).to_contain_text("tried again by itself")
    page.clock.run_for(29_000)
    expect(page.get_by_test_id("send")).to_have_text("Try now")
    assert tries == [status]
    page.clock.run_for(2_000)

    expect(page.get_by_test_id("sending")).to_have_text("1 sent.")


def test_an_api_key_is_sent(open_page: Open, database: str) -> None:
    """A service with keys gets the key of the page with feedback, too."""
    key = "sesame-0123456789"
    with serve(DIGITS_DATABASE_URL=database, DIGITS_API_KEYS=key) as server:
        page = open_stack(open_page, server.url, key=key, failures=True)

        send(page, "Send 2 corrections and 1 confirmation", "3 sent.")


def test_a_refused_picture_is_named(open_page: Open, service: str) -> None:
    """What the service refuses is counted with its reason, and can be sent again."""
    page = open_stack(open_page, service, failures=True)
    problem = {"type": "urn:digitserve:problem:malformed-request", "detail": "expected a digit"}
    page.route("**/v1/feedback", lambda route: route.fulfill(status=400, body=json.dumps(problem)))

    send(page, "Send 2 corrections and 1 confirmation", "3 not done: expected a digit")
    expect(page.get_by_test_id("send")).to_have_text("Send 2 corrections and 1 confirmation")


def test_without_a_database_there_is_no_button(open_page: Open) -> None:
    """A service without feedback shows nothing of it."""
    page = open_page()
    add_pictures(page, [picture(DIGITS[n], f"{n}.png") for n in (1, 2)])

    expect(page.get_by_test_id("feedback")).to_be_hidden()


def test_the_keyboard_is_enough(open_page: Open, service: str) -> None:
    """The button is reached with Tab, pressed with Enter, and keeps the focus."""
    page = open_stack(open_page, service)
    page.get_by_test_id("discard").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_test_id("send")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_test_id("sending")).to_have_text("3 sent.")
    expect(page.get_by_test_id("send")).to_be_focused()
