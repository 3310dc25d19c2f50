"""Several versions of a model: side by side, and each of them to choose."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from tests.app.page.browser.conftest import Open
from tests.app.page.browser.strokes import DIGITS
from tests.app.page.browser.visitor import draw, picture
from tests.support.servers import serve
from tests.support.versions import save_versions


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of a service with two versions of cnn; the second one is a canary."""
    directory = save_versions(tmp_path_factory.mktemp("models"), "1", "2", noise=1)
    with serve(DIGITS_WEIGHTS_DIR=str(directory), DIGITS_CANARY="cnn:2=0.9") as server:
        yield server.url


@pytest.fixture
def page(open_page: Open, versions: str) -> Page:
    """Return the page of that service."""
    return open_page(versions)


def test_versions_stand_side_by_side(page: Page) -> None:
    """Each version has a card with its role, its weights and its answer."""
    draw(page, DIGITS[1])

    stable, canary = page.get_by_test_id("card-cnn:1"), page.get_by_test_id("card-cnn:2")
    expect(stable.locator("h3")).to_have_text("cnn version 1, stable, digits 0 to 4")
    expect(canary.locator("h3")).to_have_text("cnn version 2, canary, digits 0 to 4")
    expect(stable.locator(".figure")).to_have_text("1")
    expect(stable.locator(".said")).to_have_attribute("data-decision", "accept")
    expect(canary.locator(".said")).to_have_attribute("data-decision", "abstain")
    assert stable.locator("dd").last.inner_text() != canary.locator("dd").last.inner_text()
    link = canary.get_by_role("link")
    expect(link).to_have_attribute("href", "v1/models/cnn?version=2")
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / "versions.png", full_page=True)


def test_a_version_can_be_chosen(page: Page) -> None:
    """The answer, the curl command and the pictures of a batch are those of the version."""
    options = page.get_by_test_id("model").locator("option")
    expect(options).to_have_text(["cnn version 1, stable", "cnn version 2, canary"])
    draw(page, DIGITS[1])
    expect(page.get_by_test_id("curl")).to_contain_text("model=cnn&version=1")
    expect(page.get_by_test_id("card-cnn:2").locator(".figure")).not_to_be_empty()
    expect(page.get_by_test_id("decision")).to_have_text("accept")

    page.get_by_test_id("model").select_option("cnn:2")

    expect(page.get_by_test_id("curl")).to_contain_text("model=cnn&version=2")
    expect(page.get_by_test_id("decision")).to_have_text("abstain")


def test_every_request_of_the_page_names_the_version(page: Page) -> None:
    """A canary never answers for the version that is shown, neither one picture nor many."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            asked.append(request.url.partition("?")[2])

    page.on("request", note)
    files = [picture(DIGITS[n], f"{n}.png") for n in (1, 2)]
    page.get_by_test_id("upload").set_input_files(files)

    expect(page.locator("#summary")).to_have_text("2 pictures: 2 accepted")
    assert len(asked) >= 2
    assert all("version=" in query for query in asked)
