"""POST /v1/sheets: boxes, predictions, fields, orientation, documents of several pages, errors."""

import base64
import io
import json
import re
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from app.api.sheets import handler
from app.inference.readiness import Readiness
from app.inference.registry import Registry
from app.main import create_app
from app.settings import Settings
from tests.app.conftest import Client
from tests.support.documents import encrypted_pdf, pdf, several_pages, sheet
from tests.support.pictures import encode

ROWS = ["2 22", "  2 ", "2222"]
SHEET = sheet(ROWS)
FIELD = sheet(["2 2 22"])


@pytest.fixture
def patient(registry: Registry, readiness: Readiness) -> Client:
    """Return a client of a service whose decoder has much time: the machine may be busy."""
    return Client(create_app(Settings(decode_seconds=30, max_sheet_pages=5), registry, readiness))


def ask(client: Client, data: bytes, query: str = "", **form: str) -> httpx.Response:
    """Send a sheet as a form."""
    files = {"image": ("sheet", data)}
    return client.post(f"/v1/sheets{query}", files=files, data=form)


def pages(response: httpx.Response) -> list[Any]:
    """Return the pages of a response."""
    assert response.status_code == 200, response.text
    found: list[Any] = response.json()["pages"]
    return found


def read(page: Any) -> list[str]:
    """Return the accepted digits of a page's boxes by rows; a space is blank."""
    rows = [[" "] * (1 + max(box["col"] for box in page["boxes"])) for _ in range(3)]
    for box in page["boxes"]:
        told = box["prediction"]
        digit = str(told["digit"]) if told["decision"] == "accept" else "?"
        rows[box["row"]][box["col"]] = " " if told["reason"] == "blank" else digit
    return ["".join(row) for row in rows]


def test_each_box_has_a_place_and_a_prediction(patient: Client) -> None:
    """Corners in pixels, rows and columns, digits where there is ink, blank where there is none."""
    [page] = pages(ask(patient, encode(SHEET)))

    assert (page["width"], page["height"]) == SHEET.size
    assert read(page) == ROWS
    assert len(page["boxes"]) == 12
    corners = np.array([box["corners"] for box in page["boxes"]])
    np.testing.assert_allclose(corners[0], [[60, 60], [120, 60], [120, 120], [60, 120]], atol=3)
    assert np.array(page["transform"]).shape == (3, 3)


def test_all_forms_of_a_body_give_the_same(patient: Client) -> None:
    """Raw, as a form and as JSON."""
    data = encode(SHEET)
    body = json.dumps({"image": base64.b64encode(data).decode()})
    raw = patient.post("/v1/sheets", content=data, headers={"content-type": "image/png"})
    as_json = patient.post("/v1/sheets", content=body, headers={"content-type": "application/json"})

    assert pages(ask(patient, data)) == pages(raw) == pages(as_json)


def test_a_row_of_boxes_is_a_field(patient: Client) -> None:
    """The text has a character for each box: a digit, or a space for a blank one."""
    [page] = pages(ask(patient, encode(FIELD)))
    [field] = page["fields"]

    assert field == {"name": None, "boxes": [0, 1, 2, 3, 4, 5], "text": "2 2 22"}


def test_the_text_has_a_question_mark_for_doubt(patient: Client) -> None:
    """A threshold that nothing reaches."""
    [page] = pages(ask(patient, encode(FIELD), "?threshold=1"))

    assert page["fields"][0]["text"] == "? ? ??"


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_sheet_is_read_upright(patient: Client, turns: int) -> None:
    """The digits tell that the page lies on its side or upside down; corners are as sent."""
    turned = Image.fromarray(np.ascontiguousarray(np.rot90(np.asarray(SHEET), turns)))
    [page] = pages(ask(patient, encode(turned)))

    assert read(page) == ROWS
    assert (page["width"], page["height"]) == turned.size
    first = np.array(page["boxes"][0]["corners"]).mean(axis=0)
    width, height = SHEET.size
    places = {1: (90, width - 90), 2: (width - 90, height - 90), 3: (height - 90, 90)}
    np.testing.assert_allclose(first, places[turns], atol=4)


@pytest.mark.parametrize("kind", ["PDF", "TIFF"])
def test_documents_have_several_pages(patient: Client, kind: str) -> None:
    """Each page in order, also one without boxes."""
    empty = Image.new("L", SHEET.size, 255)
    first, second, third = pages(ask(patient, several_pages(kind, SHEET, empty, SHEET)))

    assert read(first) == read(third) == ROWS
    assert (second["boxes"], second["fields"]) == ([], [])


def test_the_input_of_each_box_can_be_included(patient: Client) -> None:
    """As for predictions."""
    [page] = pages(ask(patient, encode(FIELD), "?include=input&model=cnn10"))

    assert all("input" in box["prediction"] for box in page["boxes"])


def test_sheets_are_counted_and_logged(patient: Client) -> None:
    """Each box is a prediction; pages and boxes have their histograms."""
    before = patient.get("/metrics").text
    ask(patient, encode(SHEET))
    after = patient.get("/metrics").text

    assert "digitserve_sheet_pages_count 0" in before
    assert "digitserve_sheet_pages_count 1" in after
    assert "digitserve_sheet_boxes_sum 12" in after
    counted = re.findall(r"^digitserve_predictions_total{.*} ([\d.]+)$", after, re.MULTILINE)
    assert sum(map(float, counted)) == 12
    assert 'digitserve_sheet_predictions_total{decision="accept",reason="none"} 8' in after
    assert 'digitserve_sheet_predictions_total{decision="abstain",reason="blank"} 4' in after
    assert re.search(r'digitserve_abstentions_total{.*reason="blank".*} 4', after)


@pytest.mark.parametrize(
    ("data", "status", "detail"),
    [
        (pdf(6), 413, "sheet: expected at most 5 pages, got 6"),
        (several_pages("TIFF", *[SHEET] * 6), 413, "sheet: expected at most 5 pages, got at least"),
        (encrypted_pdf(), 422, "image: expected a PDF without a password, got an encrypted one"),
        (pdf()[:200], 422, "image: expected a complete PDF file"),
        (pdf(0), 422, "image: expected a complete PDF file, got:"),
        (b"%PDF-", 422, "image: expected a complete PDF file"),
        (b"no image", 415, "image: expected PNG, JPEG"),
        (b"", 400, "image: expected the bytes of an image, got none"),
    ],
)
def test_documents_that_cannot_be_read(
    patient: Client, data: bytes, status: int, detail: str
) -> None:
    """Every error says what was expected."""
    response = ask(patient, data)

    assert response.status_code == status
    assert response.json()["detail"].startswith(detail)


def test_too_many_boxes_are_refused(registry: Registry, readiness: Readiness) -> None:
    """On one page, and on all pages together."""
    settings = Settings(decode_seconds=30, max_sheet_boxes=20)
    client = Client(create_app(settings, registry, readiness))
    large = sheet([" " * 6] * 4)

    one, several = ask(client, encode(large)), ask(client, several_pages("TIFF", SHEET, SHEET))

    assert (one.status_code, several.status_code) == (413, 413)
    assert one.json()["detail"] == "sheet: expected at most 20 boxes, got 24 on a page"
    assert (
        several.json()["detail"] == "sheet: expected at most 20 boxes on all pages, got at least 24"
    )


def test_a_page_that_cannot_be_read_takes_its_place(patient: Client) -> None:
    """The others are read: a TIFF whose second page is of noise, damaged in the middle."""
    noise = np.random.default_rng(0).integers(0, 256, (200, 200), np.uint8)
    pictures = SHEET, Image.fromarray(noise), SHEET
    data = bytearray(several_pages("TIFF", *pictures, compression="tiff_adobe_deflate"))
    middle = len(data) // 2  # the noise takes nearly all of the file
    data[middle : middle + 1000] = bytes(1000)
    first, second, third = pages(ask(patient, bytes(data)))

    assert read(first) == read(third) == ROWS
    assert second["error"]["detail"].startswith("image: expected a complete TIFF file")


def test_without_opencv_the_route_says_what_to_install(
    patient: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """501 before the body is read."""
    monkeypatch.setattr(handler, "find_spec", lambda _: None)
    handler.check_installed.cache_clear()
    try:
        response = ask(patient, encode(SHEET))
    finally:
        handler.check_installed.cache_clear()

    assert response.status_code == 501
    assert "pip install 'digitserve[sheets]'" in response.json()["detail"]


def test_unknown_parameters_are_refused(patient: Client) -> None:
    """The names are those of sheets: `rotate` is not one."""
    response = ask(patient, encode(SHEET), "?rotate=90")

    assert response.status_code == 400
    assert "model, version, threshold, layout, page, include" in response.json()["detail"]


def test_a_page_is_sent_as_a_picture_on_demand(patient: Client) -> None:
    """`include=picture` adds each page as a JPEG: browsers cannot display a PDF or TIFF."""
    data = several_pages("TIFF", SHEET, FIELD)
    for page, size in zip(
        pages(ask(patient, data, "?include=picture")), (SHEET, FIELD), strict=True
    ):
        kind, _, content = page["picture"].partition(";base64,")
        picture = Image.open(io.BytesIO(base64.b64decode(content)))

        assert kind == "data:image/jpeg"
        assert picture.format == "JPEG"
        assert picture.size == size.size
    assert "picture" not in pages(ask(patient, data))[0]


@pytest.mark.parametrize("kind", ["PDF", "TIFF"])
def test_one_page_of_a_document_can_be_read(patient: Client, kind: str) -> None:
    """By its number, from 1; a number that the document does not have is refused."""
    document = several_pages(kind, SHEET, FIELD)
    second = pages(ask(patient, document, "?page=2"))
    outside = ask(patient, document, "?page=3")

    assert [len(page["boxes"]) for page in second] == [6]
    assert outside.status_code == 400
    assert outside.json()["detail"] == "page: expected 1 to 2, got 3"


def test_a_picture_has_one_page(patient: Client) -> None:
    """A later one is refused."""
    assert len(pages(ask(patient, encode(FIELD), "?page=1"))) == 1
    assert ask(patient, encode(FIELD), "?page=2").status_code == 400
