"""API keys: asked for, kept until the tab is closed, refused with a reason."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.app.page.browser.conftest import Open
from tests.app.page.browser.strokes import DIGITS
from tests.app.page.browser.visitor import draw
from tests.support.servers import serve

KEY = "sesame-0123456789"


@pytest.fixture(scope="module")
def keyed() -> Iterator[str]:
    """Return the URL of a service that needs an API key."""
    with serve(DIGITS_API_KEYS=KEY) as server:
        yield server.url


def test_the_page_asks_for_a_key(open_page: Open, keyed: str) -> None:
    """With the key, drawings are answered; the command has a place for it, not the key itself."""
    page = open_page(keyed, failures=True, key=KEY)
    draw(page, DIGITS[3])

    expect(page.get_by_test_id("digit")).to_have_text("3")
    expect(page.get_by_test_id("key")).to_be_hidden()
    expect(page.get_by_test_id("curl")).to_contain_text('"Authorization: Bearer $KEY"')
    assert KEY not in page.content()


def test_a_refused_key_is_named(open_page: Open, keyed: str) -> None:
    """The page says that a key is unknown or malformed, and asks again."""
    page = open_page(keyed, failures=True, key=KEY)
    page.evaluate("sessionStorage.setItem('digitserve.key', 'another-0123456789')")
    draw(page, DIGITS[1])
    problem = page.locator("#key-problem")
    expect(problem).to_have_text("The service does not know this key. Please check it.")
    expect(page.get_by_test_id("key")).to_be_focused()
    page.get_by_test_id("key").fill("schlüssel")
    page.keyboard.press("Enter")
    expect(problem).to_contain_text("no spaces")
    page.get_by_test_id("key").fill(KEY)
    page.keyboard.press("Enter")

    expect(page.get_by_test_id("digit")).to_have_text("1")


def test_the_key_is_kept_until_the_tab_is_closed(open_page: Open, keyed: str) -> None:
    """A reload needs no key; a new tab does."""
    page = open_page(keyed, failures=True, key=KEY)
    page.reload()
    expect(page.get_by_test_id("model").locator("option")).not_to_have_count(0)
    expect(page.get_by_test_id("key")).to_be_hidden()
    other = page.context.new_page()
    other.goto(keyed)

    expect(other.get_by_test_id("key")).to_be_visible()
