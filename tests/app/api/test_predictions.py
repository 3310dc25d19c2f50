"""Prediction routes: request formats, responses, parameters, batches."""

import base64
import io
import json
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

from app.images.decoder import FORMATS
from app.inference.readiness import Readiness
from app.inference.registry import Registry
from app.main import create_app
from app.settings import Settings
from model_core.explanation import explain
from model_core.preprocessing import PREPROCESSING_VERSION, downsample
from model_core.preprocessing.image_ops.types import Grey8
from tests.app.conftest import Client
from tests.support.models import SHIPPED
from tests.support.pictures import as_bytes, encode, negative, two

URL = "/v1/predictions"
BATCH = "/v1/predictions/batch"


def request_formats(data: bytes) -> list[dict[str, Any]]:
    """Return the request options of every format in which an image can be sent."""
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
    """Return the document of a response without its request id."""
    assert response.status_code == 200, response.text
    return {key: value for key, value in response.json().items() if key != "request_id"}


def test_a_prediction_has_the_documented_fields(client: Client, registry: Registry) -> None:
    """The document has the documented fields in their order, and no others."""
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
    model = registry.default
    assert answer["model"] == {
        "name": "cnn",
        "version": model.version,
        "sha256": model.sha256,
        "preprocessing": PREPROCESSING_VERSION,
    }
    assert answer["request_id"] == response.headers["x-request-id"]


def test_all_request_formats_give_the_same_prediction(client: Client) -> None:
    """Raw body, form, JSON and a batch of one give identical numbers."""
    answers = [without_id(client.post(URL, **one)) for one in request_formats(as_bytes())]
    batch = client.post(BATCH, files=[("images", as_bytes())]).json()

    assert all(answer == answers[0] for answer in answers)
    assert batch["predictions"][0] | {"model": batch["model"]} == answers[0]


@pytest.mark.parametrize("size", [28, 14, 56, 100, 300])
@pytest.mark.parametrize("kind", FORMATS)
def test_size_format_and_polarity_do_not_matter(client: Client, size: int, kind: str) -> None:
    """A two is recognised in every size and format, light on dark and dark on light."""
    for image in (two(size), negative(two(size))):
        answer = client.post(URL, content=encode(image, kind)).json()

        assert (answer["digit"], answer["decision"]) == (2, "accept")


def test_an_image_in_mnist_format_gives_the_input_of_training(client: Client) -> None:
    """The model's input for a 28x28 grey image, light on dark, is that of training, exactly."""
    answer = client.post(URL, params={"include": "input"}, content=as_bytes()).json()

    expected = downsample(np.asarray(two())[None])[0]
    assert_array_equal(np.array(answer["input"]["pixels"], np.float32), expected)
    assert answer["input"]["steps"] == []


def test_the_input_is_included_on_request(client: Client) -> None:
    """With include=input the response has the pixels, the same as a PNG, and the steps."""
    picture = encode(negative(two(56)))
    seen = client.post(URL, params={"include": "input"}, content=picture).json()["input"]

    file = base64.b64decode(seen["png"].removeprefix("data:image/png;base64,"))
    pixels = np.asarray(Image.open(io.BytesIO(file)))
    assert_array_equal(pixels, np.rint(np.array(seen["pixels"]) * 255))
    assert pixels.shape == (14, 14)
    assert seen["steps"] == ["inverted", "cropped to 27x39", "scaled from 27x39 to 14x20"]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_explanation_is_included_on_request(
    client: Client, registry: Registry, name: str
) -> None:
    """With include=explanation the response has the relevance of each pixel of the input."""
    query = {"include": ["input", "explanation"], "model": name}
    answer = client.post(URL, params=query, content=as_bytes()).json()

    image = np.array(answer["input"]["pixels"], np.float32)
    expected = explain(registry.get(name).classifier, image)
    assert answer["explanation"].keys() == {"relevance"}
    assert_allclose(answer["explanation"]["relevance"], expected, atol=1e-5)
    assert expected.max() > 0


def test_the_explanation_can_be_included_alone(client: Client) -> None:
    """The response has only the parts that the query includes."""
    answer = client.post(URL, params={"include": "explanation"}, content=as_bytes()).json()

    assert "explanation" in answer
    assert "input" not in answer


def test_normalising_can_be_switched_off(client: Client) -> None:
    """With normalise=off a dark-on-light image is not inverted."""
    options = {"include": "input", "normalise": "off"}
    seen = client.post(URL, params=options, content=encode(negative(two()))).json()["input"]

    assert seen["pixels"][0][0] == 1
    assert seen["steps"] == []


@pytest.mark.parametrize("query", [{}, {"threshold": "0"}, {"rotate": "auto"}])
@pytest.mark.parametrize("grey", [0, 90, 255])
def test_an_empty_image_is_blank(client: Client, grey: int, query: dict[str, str]) -> None:
    """For a uniform image the decision is to abstain, with the reason blank and confidence 0."""
    picture = encode(Image.new("L", (60, 40), grey))

    answer = client.post(URL, content=picture, params=query).json()

    assert (answer["decision"], answer["reason"]) == ("abstain", "blank")
    assert (answer["digit"] in range(5), answer["confidence"]) == (True, 0)
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-9)


# Clockwise turns of a two, which make the two that a client sends with this angle upright.
TURNS = {"0": 0, "90": 1, "180": 2, "270": 3}


@pytest.mark.parametrize("size", [28, 60, 300])
@pytest.mark.parametrize("rotate", TURNS)
def test_an_image_is_rotated_clockwise(client: Client, rotate: str, size: int) -> None:
    """The rotation that makes a two upright gives the answer to the upright two."""
    upright = np.asarray(negative(two(size)))
    lying = encode(Image.fromarray(np.rot90(upright, TURNS[rotate])))
    query = {"rotate": rotate, "include": "input"}

    expected = client.post(URL, params={"include": "input"}, content=as_file(upright)).json()
    answer = client.post(URL, params=query, content=lying).json()

    assert answer["input"]["pixels"] == expected["input"]["pixels"]
    assert (answer["digit"], answer["confidence"]) == (2, pytest.approx(expected["confidence"]))
    turned = [f"turned clockwise by {rotate} degrees"] * (rotate != "0")
    assert answer["input"]["steps"] == turned + expected["input"]["steps"]


@pytest.mark.parametrize("size", [28, 60, 300])
@pytest.mark.parametrize("rotate", TURNS)
def test_the_best_of_four_rotations_is_found(client: Client, rotate: str, size: int) -> None:
    """With rotate=auto a two is read whichever way it lies, and the steps say how it was turned."""
    lying = encode(Image.fromarray(np.rot90(np.asarray(two(size)), TURNS[rotate])))

    answer = client.post(URL, params={"rotate": "auto", "include": "input"}, content=lying).json()

    assert (answer["digit"], answer["decision"]) == (2, "accept")
    how = "as it was" if rotate == "0" else f"clockwise by {rotate} degrees"
    assert answer["input"]["steps"][0] == f"best of 4 turns: {how}"


def test_a_batch_is_rotated_and_judged_as_one_image(client: Client) -> None:
    """The parameters rotate and threshold work for each image of a batch."""
    lying = [np.rot90(np.asarray(two(size)), turn) for turn, size in ((0, 28), (1, 60), (3, 300))]
    files = [("images", as_file(picture)) for picture in lying]

    for threshold, decision in (("0.5", "accept"), ("1", "abstain")):
        query = {"rotate": "auto", "threshold": threshold}
        answers = client.post(BATCH, params=query, files=files).json()["predictions"]
        assert [(one["digit"], one["decision"]) for one in answers] == [(2, decision)] * 3


def test_the_threshold_is_the_callers(client: Client) -> None:
    """A low threshold accepts a scribble, a high one refuses a two; the reason says why."""
    scribble = np.zeros((60, 60), np.uint8)
    scribble[10:50, 28:32] = scribble[28:32, 10:50] = 255  # a cross

    def ask(picture: bytes, **query: str) -> tuple[str, str | None]:
        answer = client.post(URL, params=query, content=picture).json()
        return answer["decision"], answer["reason"]

    assert ask(as_file(scribble)) == ("abstain", "not_a_digit")
    assert ask(as_file(scribble), threshold="0") == ("accept", None)
    assert ask(as_file(scribble), threshold="1") == ("abstain", "not_a_digit")
    assert ask(as_bytes(), threshold="0.99") == ("accept", None)
    assert ask(as_bytes(), threshold="1")[0] == "abstain"


def test_two_digits_are_named_as_the_reason(client: Client) -> None:
    """A second figure beside the digit: no threshold accepts it."""
    figure = np.asarray(two(60))
    pair = as_file(np.pad(np.hstack([figure, figure]), 20))

    for threshold in ("0", "0.9"):
        answer = client.post(URL, params={"threshold": threshold}, content=pair).json()
        assert (answer["decision"], answer["reason"]) == ("abstain", "several_digits")


def as_file(pixels: Grey8) -> bytes:
    """Encode grey pixels as a PNG."""
    return encode(Image.fromarray(pixels))


def test_the_steps_name_the_background(client: Client) -> None:
    """White strokes on transparency are read, small and large, and the steps say how."""
    for size in (40, 300):
        white = Image.new("L", (size, size), 255)
        picture = encode(Image.merge("RGBA", [white, white, white, two(size)]))
        answer = client.post(URL, content=picture, params={"include": "input"}).json()
        assert (answer["digit"], answer["decision"]) == (2, "accept")
        assert answer["input"]["steps"][0] == "placed on black"


def test_the_steps_name_the_colours_of_a_photo(registry: Registry, readiness: Readiness) -> None:
    """A large JPEG in two colours of the same brightness is decoded again, in colour."""
    client = Client(create_app(Settings(), registry, readiness))
    ink = np.asarray(two(2048))[..., None] / 255
    card, pen = np.array([90, 120, 200]), np.array([205, 90, 70])
    photo = encode(Image.fromarray((card + (pen - card) * ink).astype(np.uint8)), "JPEG")

    answer = client.post(URL, content=photo, params={"include": "input"}).json()

    assert (answer["digit"], answer["decision"]) == (2, "accept")
    assert answer["input"]["steps"][:2] == [
        "decoded at 1/2 of its size",
        "used the colours of most contrast",
    ]


def test_the_model_can_be_chosen(client: Client) -> None:
    """The parameter model selects the model; without it the default predicts."""
    answers = [
        client.post(URL, params=query, content=as_bytes()).json()["model"]["name"]
        for query in ({}, {"model": "cnn"}, {"model": "dnn"})
    ]

    assert answers == ["cnn", "cnn", "dnn"]


def test_a_batch_has_a_prediction_or_problem_for_each_image(client: Client) -> None:
    """The entries have the order of the images; an invalid image gives a problem document."""
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


def test_a_batch_of_invalid_images_has_only_problems(client: Client) -> None:
    """A batch without a valid image is answered with 200 and a problem for each image."""
    answer = client.post(BATCH, files=[("images", b"x"), ("images", b"")]).json()

    assert [p["error"]["status"] for p in answer["predictions"]] == [415, 400]


def test_a_batch_takes_the_same_parameters(client: Client) -> None:
    """The parameters include and model work for a batch as for one image."""
    query = {"include": ["input", "explanation"], "model": "dnn"}
    answer = client.post(BATCH, params=query, files=[("images", as_bytes())]).json()

    assert len(answer["predictions"][0]["input"]["pixels"]) == 14
    assert len(answer["predictions"][0]["explanation"]["relevance"]) == 14
    assert answer["model"]["name"] == "dnn"


def test_the_example_of_the_openapi_document_works(client: Client) -> None:
    """The example image in the OpenAPI document is recognised as a two."""
    document = json.loads(client.get("/openapi.json").text)
    content = document["paths"][URL]["post"]["requestBody"]["content"]

    answer = client.post(URL, json=content["application/json"]["example"]).json()

    assert (answer["digit"], answer["decision"]) == (2, "accept")
    assert content.keys() >= {"application/json", "multipart/form-data", "image/*"}


def test_the_steps_name_a_reduced_decoding(registry: Registry, readiness: Readiness) -> None:
    """The steps of a large JPEG begin with its decoding at a reduced size."""
    client = Client(create_app(Settings(), registry, readiness))
    photo = encode(two(2048), "JPEG")

    answer = client.post(URL, content=photo, params={"include": "input"}).json()

    assert answer["digit"] == 2
    assert answer["input"]["steps"][0] == "decoded at 1/2 of its size"
