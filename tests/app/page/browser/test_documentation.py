"""The documentation at /docs: files are chosen, and sent."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.pictures import as_bytes


@pytest.fixture
def docs(browser: Browser, address: str) -> Iterator[Page]:
    """Return the page /docs."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/docs")
    yield page
    context.close()


def try_out(docs: Page, operation: str) -> Locator:
    """Open an operation by its operationId for a request; return its part of the page."""
    part = docs.locator(f"[id$='-{operation}']")
    part.locator(".opblock-summary-control").click()
    part.get_by_role("button", name="Try it out").click()
    return part


@pytest.mark.parametrize(
    ("operation", "field", "answer"),
    [("predict", "image", '"digit"'), ("predictBatch", "images", '"predictions"')],
)
def test_a_form_has_a_file_picker(docs: Page, operation: str, field: str, answer: str) -> None:
    """A file that is chosen for a form, or for an item of a batch, is sent and read."""
    part = try_out(docs, operation)
    types = part.get_by_label("Request content type")
    if types.count():
        types.select_option("multipart/form-data")
    row = part.locator(f"tr[data-property-name='{field}']")
    picker = row.locator("input[type=file]").first
    expect(picker).to_be_visible()
    picker.set_input_files({"name": "2.png", "mimeType": "image/png", "buffer": as_bytes()})
    part.get_by_role("button", name="Execute").click()

    expect(part.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    expect(part.locator(".live-responses-table .highlight-code").last).to_contain_text(answer)


def test_a_raw_body_has_a_file_picker(docs: Page) -> None:
    """A file is chosen for application/octet-stream, too."""
    part = try_out(docs, "predict")
    part.get_by_label("Request content type").select_option("application/octet-stream")

    expect(part.locator("input[type=file]")).to_be_visible()
