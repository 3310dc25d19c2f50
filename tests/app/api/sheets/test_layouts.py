"""POST /v1/sheets with a layout: names, allowed digits, fields, sheets that do not fit."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from app.inference.readiness import Readiness
from app.inference.registry import Registry
from app.main import create_app
from app.settings import Settings
from tests.app.api.sheets.test_sheets import ask, pages, read
from tests.app.conftest import Client
from tests.support.documents import several_pages, sheet
from tests.support.pictures import encode, two

FORM = sheet(["2 22", "  2 ", "2222"])
NAMES = [f"{row}{column}" for row in "abc" for column in range(4)]


def layout(**changes: Any) -> dict[str, Any]:
    """Return the layout of FORM in centimetres, its origin elsewhere than that of the page."""
    boxes = [
        {"name": name, "x": 3 + number % 4, "y": 5 + number // 4, "width": 1, "height": 1}
        for number, name in enumerate(NAMES)
    ]
    return {"width": 20, "height": 30, "boxes": boxes} | changes


@pytest.fixture
def patient(registry: Registry, readiness: Readiness, tmp_path: Path) -> Client:
    """Return a client of a service with a saved layout."""
    (tmp_path / "form.json").write_text(json.dumps(layout()))
    settings = Settings(decode_seconds=30, layouts_dir=tmp_path)
    return Client(create_app(settings, registry, readiness))


@pytest.mark.parametrize("turns", [0, 2])
def test_boxes_have_the_names_of_the_layout(patient: Client, turns: int) -> None:
    """In its order; the fields are the layout's; also upside down."""
    fields = [{"name": "number", "boxes": ["a0", "a1", "a2", "a3"]}]
    turned = Image.fromarray(np.ascontiguousarray(np.rot90(np.asarray(FORM), turns)))
    [page] = pages(ask(patient, encode(turned), layout=json.dumps(layout(fields=fields))))

    assert [box["name"] for box in page["boxes"]] == NAMES
    assert page["fields"] == [{"name": "number", "boxes": [0, 1, 2, 3], "text": "2 22"}]
    corners = np.array(page["boxes"][0]["corners"])
    start, sign = ((60, 60), 1) if turns == 0 else ((FORM.width - 60, FORM.height - 60), -1)
    expected = np.array(start) + sign * np.array([[0, 0], [60, 0], [60, 60], [0, 60]])
    np.testing.assert_allclose(corners, expected, atol=4)
    transform = np.array(page["transform"])
    x, y, scale = transform @ [*corners[0], 1]
    np.testing.assert_allclose([x / scale, y / scale], [3, 5], atol=0.01)


def test_a_saved_layout_has_a_name(patient: Client) -> None:
    """The name of its file; another one is refused."""
    [page] = pages(ask(patient, encode(FORM), "?layout=form"))
    unknown = ask(patient, encode(FORM), "?layout=other")
    outside = ask(patient, encode(FORM), "?layout=../form")

    assert [box["name"] for box in page["boxes"]] == NAMES
    assert (unknown.status_code, outside.status_code) == (400, 400)
    assert unknown.json()["detail"] == "layout: expected one of form, got other"


def test_digits_that_are_not_allowed_are_abstained(patient: Client) -> None:
    """A two in a box for 0 and 1."""
    narrow = layout()
    narrow["boxes"][0]["digits"] = "01"
    narrow["boxes"][2]["digits"] = "012"
    [page] = pages(ask(patient, encode(FORM), layout=json.dumps(narrow)))
    told = [box["prediction"]["decision"] for box in page["boxes"]]

    assert (told[0], told[2]) == ("abstain", "accept")


@pytest.mark.parametrize("form", [sheet(["22"]), Image.new("L", (500, 500), 255)])
def test_a_sheet_that_does_not_fit_is_refused(patient: Client, form: Image.Image) -> None:
    """The error says how many boxes were expected and found, and nothing is read."""
    response = ask(patient, encode(form), "?layout=form")

    assert response.status_code == 422
    assert response.json()["detail"].startswith("layout: expected at least 8 of its 12 boxes")


def vanished(*, marks: bool = True) -> Image.Image:
    """Draw FORM without its rules, as a drop-out colour leaves it, with marks in its corners."""
    page = Image.new("L", FORM.size, 255)
    for number in (0, 2, 3, 6, 8, 9, 10, 11):
        left, top = 60 + 60 * (number % 4), 60 + 60 * (number // 4)
        page.paste(0, (left + 10, top + 10), two(40))
    if marks:
        for x, y in [(20, 20), (FORM.width - 20, 20), (20, FORM.height - 20)]:
            ImageDraw.Draw(page).rectangle([x - 10, y - 10, x + 10, y + 10], fill=0)
        last = FORM.width - 20, FORM.height - 20
        ImageDraw.Draw(page).circle(last, 10, fill=0)
    return page


@pytest.mark.parametrize("angle", [0, 180, 25])
def test_boxes_whose_rules_vanished_are_read_by_the_marks(patient: Client, angle: int) -> None:
    """Or by the edge of the page; the digits tell which side is up."""
    wide, high = FORM.width / 60, FORM.height / 60
    places = [(x, y) for x in (1 / 3, wide - 1 / 3) for y in (1 / 3, high - 1 / 3)]
    named = [{"x": 2 + x, "y": 4 + y, "size": 1 / 3} for x, y in places]
    turned = vanished().rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    [page] = pages(ask(patient, encode(turned), layout=json.dumps(layout(marks=named))))

    assert read(page) == ["2 22", "  2 ", "2222"]


def test_boxes_whose_rules_vanished_are_read_by_the_edge(patient: Client) -> None:
    """The size of the layout is that of the page, and the sheet is a scan."""
    form = layout(width=FORM.width / 60, height=FORM.height / 60, edge=True)
    for box in form["boxes"]:
        box["x"], box["y"] = box["x"] - 2, box["y"] - 4
    [page] = pages(ask(patient, encode(vanished(marks=False)), layout=json.dumps(form)))
    other = ask(patient, encode(vanished().resize((400, 200))), layout=json.dumps(form))

    assert read(page) == ["2 22", "  2 ", "2222"]
    assert other.status_code == 422
    assert other.json()["detail"].endswith("expected a page of 6 x 5, got none")


def test_a_layout_that_fits_at_two_places_is_refused(patient: Client) -> None:
    """A part of a larger grid."""
    response = ask(patient, encode(sheet(["2" * 8] * 8)), "?layout=form")

    assert response.status_code == 422
    assert response.json()["detail"].startswith("layout: expected its 12 boxes at one place")


def test_a_page_that_does_not_fit_takes_its_place(patient: Client) -> None:
    """The other pages of the document are read."""
    document = several_pages("PDF", sheet(["22"]), FORM)
    first, second = pages(ask(patient, document, "?layout=form"))

    assert first["error"]["status"] == 422
    assert len(second["boxes"]) == 12


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("{", "layout: expected a layout, got: Invalid JSON"),
        ('{"width": 1}', "layout.height: expected a layout, got: Field required"),
        (json.dumps(layout(boxes=[])), "layout.boxes: expected a layout, got: List should"),
        (
            json.dumps(layout(boxes=layout()["boxes"][:1] * 2)),
            "layout: expected a layout, got: box",
        ),
        (json.dumps(layout(fields=[{"name": "f", "boxes": ["z"]}])), "layout: expected a layout"),
        (
            json.dumps(layout(marks=[{"x": 0, "y": 0, "size": 1}] * 4)),
            "layout: expected a layout, got: marks",
        ),
    ],
)
def test_invalid_layouts_are_refused(patient: Client, text: str, detail: str) -> None:
    """The error names the first wrong field."""
    response = ask(patient, encode(FORM), layout=text)

    assert response.status_code == 400
    assert response.json()["detail"].startswith(detail)


@pytest.mark.parametrize("given", ["form", layout(), json.dumps(layout())])
def test_a_json_body_has_a_layout(patient: Client, given: Any) -> None:
    """A document, its text, or the name of a saved one; it allows digits, too."""
    if isinstance(given, dict):
        given = layout()
        given["boxes"][0]["digits"] = "01"
    image = base64.b64encode(encode(FORM)).decode()
    [page] = pages(patient.post("/v1/sheets", json={"image": image, "layout": given}))

    assert [box["name"] for box in page["boxes"]] == NAMES
    allowed = "abstain" if isinstance(given, dict) else "accept"
    assert page["boxes"][0]["prediction"]["decision"] == allowed


@pytest.mark.parametrize(
    ("given", "query", "detail"),
    [
        (3, "", "layout"),
        ({"width": 1}, "", "layout.height: expected a layout, got: Field required"),
        ("other", "", "layout: expected one of form, got other"),
        ("form", "?layout=form", "layout: expected it in the query or the body, got both"),
    ],
)
def test_an_invalid_layout_in_json_is_refused(
    patient: Client, given: Any, query: str, detail: str
) -> None:
    """As in a form."""
    image = base64.b64encode(encode(FORM)).decode()
    response = patient.post(f"/v1/sheets{query}", json={"image": image, "layout": given})

    assert response.status_code == 400
    assert response.json()["detail"].startswith(detail)


def test_a_layout_is_given_once(patient: Client) -> None:
    """In the query or the form."""
    response = ask(patient, encode(FORM), "?layout=form", layout="form")

    assert response.json()["detail"] == "layout: expected it in the query or the form, got both"


def test_a_known_transform_needs_no_rules(patient: Client) -> None:
    """Boxes are where the layout's transform has them, also on a page without any rule."""
    page = Image.new("L", (400, 300), 255)
    page.paste(0, (215, 110), two(40))
    boxes = [{"name": name, "x": x, "y": 0, "width": 1, "height": 1} for x, name in enumerate("ab")]
    transform: Any = [[1 / 60, 0, -140 / 60], [0, 1 / 60, -100 / 60], [0, 0, 1]]
    form = {"width": 2, "height": 1, "boxes": boxes, "transform": transform}
    [read] = pages(ask(patient, encode(page), layout=json.dumps(form)))

    corners = [box["corners"] for box in read["boxes"]]
    assert corners[1] == [[200, 100], [260, 100], [260, 160], [200, 160]]
    assert [box["prediction"]["reason"] for box in read["boxes"]] == ["blank", None]
    assert read["boxes"][1]["prediction"]["digit"] == 2
    np.testing.assert_allclose(read["transform"], transform, atol=1e-9)


def test_the_transform_of_an_answer_can_be_sent_again(patient: Client) -> None:
    """A layout with the transform that the service found has its boxes at the same places."""
    first = pages(ask(patient, encode(FORM), layout=json.dumps(layout())))
    known = layout(transform=first[0]["transform"])
    again = pages(ask(patient, encode(FORM), layout=json.dumps(known)))

    for one, other in zip(first[0]["boxes"], again[0]["boxes"], strict=True):
        np.testing.assert_allclose(one["corners"], other["corners"], atol=0.02)
        assert one["prediction"]["digit"] == other["prediction"]["digit"]


@pytest.mark.parametrize(
    ("transform", "status", "told"),
    [
        ([[1, 0, 0], [0, 1, 0], [0, 0, 0]], 400, "expected a layout, got: an invertible transform"),
        ([[1, 0, 0], [0, 1, 0]], 400, "layout.transform: expected a layout"),
        ([[1e-9, 0, 0], [0, 1, 0], [0, 0, 1]], 422, "expected its boxes on the page, got a0"),
    ],
)
def test_impossible_transforms_are_refused(
    patient: Client, transform: list[list[float]], status: int, told: str
) -> None:
    """Transformations without an inverse, and ones that put a box beside the page."""
    response = ask(patient, encode(FORM), layout=json.dumps(layout(transform=transform)))

    assert response.status_code == status
    assert told in response.json()["detail"]


def test_the_saved_layouts_are_listed(patient: Client, client: Client) -> None:
    """By their names, with an ETag; a service without layouts has an empty list."""
    response = patient.get("/v1/layouts")
    again = patient.get("/v1/layouts", headers={"If-None-Match": response.headers["etag"]})

    assert response.json() == {"layouts": [{"name": "form"}]}
    assert again.status_code == 304
    assert client.get("/v1/layouts").json() == {"layouts": []}
