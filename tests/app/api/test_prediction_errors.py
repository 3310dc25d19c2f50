"""Errors of the prediction routes: status, detail, and the shape of the problem document."""

from typing import Any

import httpx
import pytest
from PIL import Image

from tests.app.conftest import LIMITS, Client
from tests.support.models import SHIPPED
from tests.support.pictures import as_bytes, encode

URL = "/v1/predictions"
BATCH = "/v1/predictions/batch"
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "multipart/form-data"}
BOUNDED_FORM = {"Content-Type": "multipart/form-data; boundary=a"}

# A part of a browser's form whose user has chosen no file.
UNSET = b'--a\r\nContent-Disposition: form-data; name="images"; filename=""\r\n\r\n\r\n'


def check_problem(response: httpx.Response, status: int, detail: str) -> None:
    """Check that a response is a problem document with this status and detail."""
    problem = response.json()
    assert response.status_code == problem["status"] == status
    assert response.headers["content-type"] == "application/problem+json"
    assert list(problem) == ["type", "title", "status", "detail", "request_id", "error"]
    assert detail in problem["detail"] == problem["error"]
    assert problem["request_id"] == response.headers["x-request-id"]


# Options of a request, and the status and a part of the detail of its error.
ERRORS: list[tuple[dict[str, Any], int, str]] = [
    ({"content": b""}, 400, "expected the bytes of an image, got none"),
    ({"content": b"{", "headers": JSON}, 400, "body: expected {"),
    ({"content": b"[]", "headers": JSON}, 400, "body: expected {"),
    ({"json": {}}, 400, "image: expected {"),
    ({"json": {"image": 5}}, 400, "image: expected {"),
    ({"json": {"image": "a", "x": 1}}, 400, "x: expected {"),
    ({"json": {"image": "a*b="}}, 400, "image: expected base64"),
    ({"json": {"image": "data:image/png,abc"}}, 400, "image: expected data:<type>;base64,"),
    ({"json": {"image": ""}}, 400, "expected the bytes of an image, got none"),
    ({"content": b"x", "headers": FORM}, 400, "form: expected multipart/form-data"),
    (
        {
            "content": b"--a\r\nbroken",
            "headers": BOUNDED_FORM,
        },
        400,
        "form: expected",
    ),
    ({"files": {"picture": b"x"}}, 400, "expected a file in field 'image', got 'picture'"),
    ({"files": [("image", b"x"), ("image", b"y")]}, 400, "more files than 1"),
    ({"files": {"a": b"x"}, "data": {"image": "text"}}, 400, "in field 'image'"),
    (
        {"content": UNSET.replace(b"images", b"image") + b"--a--", "headers": BOUNDED_FORM},
        400,
        "form: expected a file in field 'image', got an empty file input",
    ),
    ({"params": {"model": "rnn"}, "content": b"x"}, 404, f"{' or '.join(SHIPPED)}, got 'rnn'"),
    (
        {"params": {"include": "all"}, "content": b"x"},
        400,
        "include: expected 'input' or 'explanation', got 'all'",
    ),
    ({"params": {"normalise": "no"}, "content": b"x"}, 400, "'auto' or 'off', got 'no'"),
    (
        {"params": {"rotate": "45"}, "content": b"x"},
        400,
        "query parameter rotate: expected '0', '90', '180', '270' or 'auto', got '45'",
    ),
    (
        {"params": {"threshold": "90"}, "content": b"x"},
        400,
        "query parameter threshold: expected a number from 0 to 1, got '90'",
    ),
    (
        {"params": {"threshold": "high"}, "content": b"x"},
        400,
        "query parameter threshold: expected a number from 0 to 1, got 'high'",
    ),
    ({"params": {"modle": "dnn"}, "content": b"x"}, 400, "modle: expected one of model, ver"),
    (
        {"params": {"model": ["dnn", "cnn"]}, "content": b"x"},
        400,
        "query parameter model: expected it once, got it 2 times",
    ),
    ({"content": bytes(200_001)}, 413, "body: expected at most 200000 bytes, got 200001"),
    ({"content": encode(Image.new("1", (1001, 1000)))}, 413, "1000000 pixels, got 1001x1000"),
    ({"content": b"%PDF"}, 415, "got PDF"),
    ({"content": b"\0\0\0\x14ftypheic\0\0\0\0mif1"}, 415, "got HEIC: export it as JPEG, or set"),
    ({"content": b"x", "headers": {"Content-Type": "text/csv"}}, 415, "got text/csv"),
    ({"content": as_bytes()[:-50]}, 422, "expected a complete PNG"),
]


@pytest.mark.parametrize(("options", "status", "detail"), ERRORS)
def test_each_error_has_its_status_and_detail(
    client: Client, options: dict[str, Any], status: int, detail: str
) -> None:
    """An invalid request gives a problem document with the expected and the actual value."""
    check_problem(client.post(URL, **options), status, detail)


def test_each_status_is_documented(client: Client) -> None:
    """The OpenAPI document of the prediction routes has the status of each error in the table."""
    paths = client.get("/openapi.json").json()["paths"]

    for url in (URL, BATCH):
        assert {str(status) for _, status, _ in ERRORS} <= set(paths[url]["post"]["responses"])


@pytest.mark.parametrize(
    ("options", "detail"),
    [
        ({"content": as_bytes()}, "Content-Type: expected multipart/form-data, got none"),
        ({"json": {}}, "expected multipart/form-data, got application/json"),
        ({"files": {"image": b"x"}}, "expected files in field 'images', got 'image'"),
        ({"files": [("images", b"x")] * (LIMITS["max_batch_images"] + 1)}, "more files than 4"),
        ({"files": [("images", b"x"), ("other", b"x")]}, "got 'images', 'other'"),
    ],
)
def test_an_invalid_batch_is_refused(client: Client, options: dict[str, Any], detail: str) -> None:
    """A batch with another content type, another field or too many images is 400."""
    check_problem(client.post(BATCH, **options), 400, detail)


@pytest.mark.parametrize(("url", "field"), [(URL, "image"), (BATCH, "images")])
def test_a_form_that_is_cut_off_is_refused(client: Client, url: str, field: str) -> None:
    """A form without its closing boundary is 400."""
    part = f'--a\r\nContent-Disposition: form-data; name="{field}"; filename="a"\r\n\r\n'.encode()
    first = part + as_bytes() + b"\r\n"
    body = first if url == URL else first + part + as_bytes() + b"\r\n"

    complete = client.post(url, content=body + b"--a--", headers=BOUNDED_FORM)
    assert complete.status_code == 200
    for end in (b"", b"--a-", b"--a\r\n"):
        response = client.post(url, content=body + end, headers=BOUNDED_FORM)
        check_problem(response, 400, "form: expected multipart/form-data, got: a body cut off")
    for length in (0, 20, len(part) + 50, len(body) - 1):
        response = client.post(url, content=body[:length], headers=BOUNDED_FORM)
        check_problem(response, 400, "form: expected multipart/form-data, got: a body cut off")


def test_unknown_paths_and_methods_give_problem_documents(client: Client) -> None:
    """An unknown path is 404 and a wrong method 405 with Allow, both as problem documents."""
    check_problem(client.get("/v1/nothing"), 404, "GET /v1/nothing: expected")
    response = client.get(URL)

    check_problem(response, 405, "GET /v1/predictions: expected")
    assert response.headers["allow"] == "POST"
