"""Fixtures: chromium, and a running service."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.databases import sqlite
from tests.support.servers import serve

Open = Callable[..., Page]

expect.set_options(timeout=10_000)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Return a running chromium, or skip.

    It is closed after this package: while playwright runs, no other test can use asyncio.
    """
    found = [path for name in ("chromium", "chromium-browser", "google-chrome") if
             (path := shutil.which(name))]  # fmt: skip
    if not found:
        pytest.skip("needs chromium in the PATH: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found[0])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def address() -> Iterator[str]:
    """Return the URL of a running service with the default settings."""
    with serve() as server:
        yield server.url


@pytest.fixture
def database(tmp_path: Path) -> str:
    """Return the URL of an empty SQLite database."""
    return sqlite(tmp_path)


@pytest.fixture(scope="package")
def storing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of a running service that stores feedback."""
    with serve(DIGITS_DATABASE_URL=sqlite(tmp_path_factory.mktemp("storing"))) as server:
        yield server.url


@pytest.fixture
def service(storing: str) -> Iterator[str]:
    """Return the URL of a service that stores feedback, and has none at the start."""
    yield storing
    feedback = f"{storing}/v1/feedback"
    for one in httpx.get(feedback).json()["feedback"]:
        httpx.delete(f"{feedback}/{one['id']}").raise_for_status()


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Open]:
    """Return a function that opens the page in a new browser context.

    Options are those of a playwright context; `url` is the address of another service,
    `key` its API key.
    The test fails if the console has an error or a warning. With `failures`, the message of a
    failed request is allowed.
    """
    contexts = []
    console_errors: list[str] = []

    def open_page(
        url: str = address, *, failures: bool = False, key: str | None = None, **options: Any
    ) -> Page:
        options = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"} | options
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: console_errors.append(str(error)))
        page.on(
            "console",
            lambda message: (
                console_errors.append(message.text)
                if message.type in ("error", "warning")
                and not (failures and message.text.startswith("Failed to load resource"))
                else None
            ),
        )
        page.goto(url)
        if key:
            page.get_by_test_id("key").fill(key)
            page.keyboard.press("Enter")
        expect(page.get_by_test_id("model").locator("option")).not_to_have_count(0)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not console_errors


@pytest.fixture
def page(open_page: Open) -> Page:
    """Return the page in a wide window with the light theme."""
    return open_page()
