"""The page with a service that is slow, failing or unreachable."""

from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.app.page.browser.conftest import Open
from tests.app.page.browser.strokes import DIGITS
from tests.app.page.browser.visitor import draw, picture
from tests.support.servers import serve

PREDICTIONS = "**/v1/predictions*"


def test_the_service_goes_and_comes_back(open_page: Open) -> None:
    """A drawing made while the service was unreachable is answered when it is back."""
    with serve(DIGITS_DRAIN_SECONDS="0") as server:
        url = server.url
        page = open_page(url, failures=True)
    draw(page, DIGITS[2])
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("The service cannot be reached. Nothing is lost")
    with serve(DIGITS_PORT=url.rpartition(":")[2]) as server:
        assert server.url == url
        notice.get_by_role("button").click()

        expect(page.get_by_test_id("digit")).to_have_text("2")
        expect(notice).to_be_hidden()


def test_a_slow_service_is_waited_for(open_page: Open) -> None:
    """The page says that the service is slow until the answer arrives."""
    page = open_page()
    held: list[Route] = []
    slow = True

    def hold(route: Route) -> None:
        if slow:
            held.append(route)
        else:
            route.continue_()

    page.route(PREDICTIONS, hold)
    draw(page, DIGITS[1])
    expect(page.get_by_role("alert")).to_contain_text("The service is slow")
    slow = False
    held[-1].continue_()

    expect(page.get_by_test_id("digit")).to_have_text("1")
    expect(page.get_by_role("alert")).to_be_hidden()


def test_a_failing_service_is_asked_again(open_page: Open) -> None:
    """Requests that get 503, 429 or a response that is not JSON are retried."""
    page = open_page(failures=True)
    statuses = [503, 429, 502]

    def fail(route: Route) -> None:
        if statuses:
            route.fulfill(status=statuses.pop(), body="<html>")
        else:
            route.continue_()

    page.route(PREDICTIONS, fail)
    files = [picture(DIGITS[n], f"{n}.png") for n in (0, 2)]
    page.get_by_test_id("upload").set_input_files(files)

    expect(page.get_by_role("alert")).to_contain_text("Nothing is lost")
    expect(page.locator("#summary")).to_have_text("2 pictures: 2 accepted")


@pytest.mark.parametrize(
    ("response", "cause"), [(None, "TypeError"), ({"status": 502, "body": "<html>"}, "SyntaxError")]
)
def test_a_problem_keeps_its_cause(
    open_page: Open, response: dict[str, Any] | None, cause: str
) -> None:
    """The error of a failed request has the browser's error as its cause."""
    page = open_page(failures=True)
    page.route(PREDICTIONS, lambda route: route.fulfill(**response) if response else route.abort())

    name = page.evaluate("""async () => {
        const { predict } = await import(document.querySelector('link[href$="/api.js"]').href);
        const { signal } = new AbortController();
        return predict(new Blob(), { signal }).catch(({ cause }) => cause?.name);
    }""")

    assert name == cause
