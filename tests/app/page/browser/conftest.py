"""A real browser, and the service that it looks at."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.servers import serve

Open = Callable[..., Page]

expect.set_options(timeout=10_000)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Return a running chromium, or skip.

    It ends with this package: while playwright runs, nothing else in the process can use asyncio.
    """
    found = [path for name in ("chromium", "chromium-browser", "google-chrome") if
             (path := shutil.which(name))]  # fmt: skip
    if not found:
        pytest.skip("needs chromium in the PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found[0])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def address() -> Iterator[str]:
    """Return where a service with the default settings is."""
    with serve() as server:
        yield server.url


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Open]:
    """Return what opens the page in a browser of its own; its console has to stay free of errors.

    Options are those of a playwright context, `url` another service, and `failures` says that
    requests will fail, which the browser notes in the console.
    """
    contexts = []
    complaints: list[str] = []

    def open_page(url: str = address, *, failures: bool = False, **options: Any) -> Page:
        options = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"} | options
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                complaints.append(message.text)
                if message.type in ("error", "warning")
                and not (failures and message.text.startswith("Failed to load resource"))
                else None
            ),
        )
        page.goto(url)
        expect(page.get_by_test_id("model").locator("option")).to_have_count(2)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def page(open_page: Open) -> Page:
    """Return the page, wide and light."""
    return open_page()
