"""The prediction routes over HTTP: three ways in, one answer; and every error."""

import base64
import io
import json
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

from app.inference.readiness import Readiness
from app.inference.registry import Registry
from app.main import create_app
from app.settings import Settings
from model_core.explanation import explain
from model_core.preprocessing import downsample
from tests.app.conftest import LIMITS, Client
from tests.support.pictures import as_bytes, encode, negative, two

URL = "/v1/predictions"
BATCH = "/v1/predictions/batch"


def ways(data: bytes) -> list[dict[str, Any]]:
    """Return the request options of every way to send an image."""
    text = base64.b64encode(data).decode()
    return [
        {"content": data},
        {"content": data, "headers": {"Content-Type": "image/png"}},
        {"content": data, "headers": {"Content-Type": "application/octet-stream"}},
        {"files": {"image": data}},
        {"files": {"image": ("two.txt", data, "text/plain")}},
        {"json": {"image": text}},
        {"json": {"image": f"data:image/png;base64,{text}"}},
        {"json": {"image": f"Data:image/png;Base64,{text}"}},
    ]


def without_id(response: httpx.Response) -> dict[str, Any]:
    """Return the answer without what differs from request to request."""
    assert response.status_code == 200, response.text
    return {key: value for key, value in response.json().items() if key != "request_id"}


def check_problem(response: httpx.Response, status: int, detail: str) -> None:
    """Check that a response is the one shape of error."""
    problem = response.json()
    assert response.status_code == problem["status"] == status
    assert response.headers["content-type"] == "application/problem+json"
    assert list(problem) == ["type", "title", "status", "detail", "request_id", "error"]
    assert detail in problem["detail"] == problem["error"]
    assert problem["request_id"] == response.headers["x-request-id"]


def test_the_answer_has_the_shape_of_the_contract(client: Client) -> None:
    """All fields, in their order, and nothing else."""
    response = client.post(URL, content=as_bytes())
    answer = response.json()

    assert list(answer) == [
        "digit",
        "confidence",
        "probabilities",
        "decision",
        "reason",
        "model",
        "request_id",
    ]
    assert answer["digit"] == 2
    assert answer["confidence"] == answer["probabilities"]["2"] > 0.9
    assert list(answer["probabilities"]) == ["0", "1", "2", "3", "4"]
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-9)
    assert (answer["decision"], answer["reason"]) == ("accept", None)
    assert answer["model"].keys() == {"name", "version", "sha256"}
    assert answer["request_id"] == response.headers["x-request-id"]


def test_every_way_in_gives_the_same_answer(client: Client) -> None:
    """Raw, form, JSON and a batch of one: identical, to the last bit."""
    answers = [without_id(client.post(URL, **way)) for way in ways(as_bytes())]
    batch = client.post(BATCH, files=[("images", as_bytes())]).json()

    assert all(answer == answers[0] for answer in answers)
    assert batch["predictions"][0] | {"model": batch["model"]} == answers[0]


@pytest.mark.parametrize("size", [28, 14, 56, 100, 300])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_size_format_and_polarity_do_not_matter(client: Client, size: int, kind: str) -> None:
    """A two is a two, small or large, light on dark or dark on light."""
    for image in (two(size), negative(two(size))):
        answer = client.post(URL, content=encode(image, kind)).json()

        assert (answer["digit"], answer["decision"]) == (2, "accept")


def test_a_picture_in_mnist_form_is_seen_as_training_sees_it(client: Client) -> None:
    """28x28 grey, light on dark: bit for bit the input that training gives."""
    answer = client.post(URL, params={"include": "input"}, content=as_bytes()).json()

    expected = downsample(np.asarray(two())[None])[0]
    assert_array_equal(np.array(answer["input"]["pixels"], np.float32), expected)
    assert answer["input"]["steps"] == []


def test_the_input_is_included_on_request(client: Client) -> None:
    """14 rows of 14, the same as a PNG, and the steps in words."""
    picture = encode(negative(two(56)))
    seen = client.post(URL, params={"include": "input"}, content=picture).json()["input"]

    file = base64.b64decode(seen["png"].removeprefix("data:image/png;base64,"))
    pixels = np.asarray(Image.open(io.BytesIO(file)))
    assert_array_equal(pixels, np.rint(np.array(seen["pixels"]) * 255))
    assert pixels.shape == (14, 14)
    assert seen["steps"] == ["inverted", "cropped to 27x39", "scaled from 27x39 to 14x20"]


@pytest.mark.parametrize("name", ["cnn", "dnn"])
def test_the_explanation_is_included_on_request(
    client: Client, registry: Registry, name: str
) -> None:
    """How much each pixel that the model saw speaks for the digit; beside the input, if asked."""
    query = {"include": ["input", "explanation"], "model": name}
    answer = client.post(URL, params=query, content=as_bytes()).json()

    image = np.array(answer["input"]["pixels"], np.float32)
    expected = explain(registry.get(name).classifier, image)
    assert answer["explanation"].keys() == {"relevance"}
    assert_allclose(answer["explanation"]["relevance"], expected, atol=1e-5)
    assert expected.max() > 0


def test_the_explanation_goes_without_the_input(client: Client) -> None:
    """Each is there only if it is asked for."""
    answer = client.post(URL, params={"include": "explanation"}, content=as_bytes()).json()

    assert "explanation" in answer
    assert "input" not in answer


def test_normalising_can_be_left_out(client: Client) -> None:
    """`normalise=off` leaves dark on light as it is."""
    options = {"include": "input", "normalise": "off"}
    seen = client.post(URL, params=options, content=encode(negative(two()))).json()["input"]

    assert seen["pixels"][0][0] == 1
    assert seen["steps"] == []


@pytest.mark.parametrize("grey", [0, 90, 255])
def test_an_empty_picture_is_blank(client: Client, grey: int) -> None:
    """White paper is no digit; the likeliest one is still named."""
    answer = client.post(URL, content=encode(Image.new("L", (60, 40), grey))).json()

    assert (answer["decision"], answer["reason"]) == ("abstain", "blank")
    assert answer["digit"] in range(5)


def test_the_model_can_be_chosen(client: Client) -> None:
    """`model` names it; without, the default answers."""
    answers = [
        client.post(URL, params=query, content=as_bytes()).json()["model"]["name"]
        for query in ({}, {"model": "cnn"}, {"model": "dnn"})
    ]

    assert answers == ["cnn", "cnn", "dnn"]


def test_a_batch_keeps_its_order_and_survives_bad_images(client: Client) -> None:
    """An image that cannot be read takes its place as a problem and spoils no other."""
    files = [("images", data) for data in (as_bytes(), b"junk", as_bytes(60), as_bytes()[:50])]

    response = client.post(BATCH, files=files)
    answer = response.json()

    assert list(answer) == ["model", "request_id", "predictions"]
    assert [p.get("digit") for p in answer["predictions"]] == [2, None, 2, None]
    assert [p.get("error", {}).get("status") for p in answer["predictions"]] == [
        None,
        415,
        None,
        422,
    ]
    assert answer["predictions"][1]["error"]["request_id"] == answer["request_id"]


def test_a_batch_of_bad_images_has_only_errors(client: Client) -> None:
    """Not one that can be read: 200 still, each with its problem."""
    answer = client.post(BATCH, files=[("images", b"x"), ("images", b"")]).json()

    assert [p["error"]["status"] for p in answer["predictions"]] == [415, 400]


def test_a_batch_can_include_its_inputs(client: Client) -> None:
    """`include` and `model` work as for one image."""
    query = {"include": ["input", "explanation"], "model": "dnn"}
    answer = client.post(BATCH, params=query, files=[("images", as_bytes())]).json()

    assert len(answer["predictions"][0]["input"]["pixels"]) == 14
    assert len(answer["predictions"][0]["explanation"]["relevance"]) == 14
    assert answer["model"]["name"] == "dnn"


JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "multipart/form-data"}
BOUNDED_FORM = {"Content-Type": "multipart/form-data; boundary=a"}


@pytest.mark.parametrize(
    ("options", "status", "detail"),
    [
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
        ({"params": {"model": "rnn"}, "content": b"x"}, 404, "cnn or dnn, got 'rnn'"),
        (
            {"params": {"include": "all"}, "content": b"x"},
            400,
            "include: expected 'input' or 'explanation', got 'all'",
        ),
        ({"params": {"normalise": "no"}, "content": b"x"}, 400, "'auto' or 'off', got 'no'"),
        ({"params": {"modle": "dnn"}, "content": b"x"}, 400, "modle: expected one of model, in"),
        (
            {"params": {"model": ["dnn", "cnn"]}, "content": b"x"},
            400,
            "query parameter model: expected it once, got it 2 times",
        ),
        ({"content": bytes(200_001)}, 413, "body: expected at most 200000 bytes, got 200001"),
        ({"content": encode(Image.new("1", (1001, 1000)))}, 413, "1000000 pixels, got 1001x1000"),
        ({"content": b"%PDF"}, 415, "got PDF"),
        ({"content": b"x", "headers": {"Content-Type": "text/csv"}}, 415, "got text/csv"),
        ({"content": as_bytes()[:-50]}, 422, "expected a complete PNG"),
    ],
)
def test_each_error_has_its_status_and_says_why(
    client: Client, options: dict[str, Any], status: int, detail: str
) -> None:
    """The one shape, with what was expected and what came."""
    check_problem(client.post(URL, **options), status, detail)


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
def test_a_batch_that_is_none_is_refused(
    client: Client, options: dict[str, Any], detail: str
) -> None:
    """Another content type or field, or too many images: 400."""
    check_problem(client.post(BATCH, **options), 400, detail)


@pytest.mark.parametrize(("url", "field"), [(URL, "image"), (BATCH, "images")])
def test_a_form_that_is_cut_off_is_refused(client: Client, url: str, field: str) -> None:
    """Without the closing boundary, what has come is not all that was sent."""
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


def test_unknown_paths_and_methods_have_the_one_shape(client: Client) -> None:
    """404 and 405, the latter with Allow."""
    check_problem(client.get("/v1/nothing"), 404, "GET /v1/nothing: expected")
    response = client.get(URL)

    check_problem(response, 405, "GET /v1/predictions: expected")
    assert response.headers["allow"] == "POST"


def test_the_examples_of_the_document_work(client: Client) -> None:
    """The example that /docs shows is a two."""
    document = json.loads(client.get("/openapi.json").text)
    content = document["paths"][URL]["post"]["requestBody"]["content"]

    answer = client.post(URL, json=content["application/json"]["example"]).json()

    assert (answer["digit"], answer["decision"]) == (2, "accept")
    assert content.keys() >= {"application/json", "multipart/form-data", "image/*"}


def test_a_photo_says_how_it_was_decoded(registry: Registry, readiness: Readiness) -> None:
    """A large JPEG is decoded smaller, and its answer is the same."""
    client = Client(create_app(Settings(), registry, readiness))
    photo = encode(two(2048), "JPEG")

    answer = client.post(URL, content=photo, params={"include": "input"}).json()

    assert answer["digit"] == 2
    assert answer["input"]["steps"][0] == "decoded at 1/2 of its size"
