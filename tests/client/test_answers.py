"""Answers of a running service."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from digitserve_client import Page, Prediction
from digitserve_client.problems import (
    MalformedRequestError,
    UnauthorizedError,
    UnknownModelError,
    UnreadableImageError,
    UnsupportedImageError,
)
from tests.client.blocking import Connect
from tests.client.conftest import KEY
from tests.support.pictures import as_bytes, encode, two
from tests.support.servers import Server


def test_every_kind_of_image_is_read(client: Any, tmp_path: Path) -> None:
    """A path, bytes, an open file, an array and an image of Pillow give the same answer."""
    path = tmp_path / "two.png"
    path.write_bytes(as_bytes())
    array = np.asarray(two())
    sources = [path, str(path), as_bytes(), bytearray(as_bytes()), io.BytesIO(as_bytes())]
    sources += [array, array / 255, two(), two().convert("P"), two().convert("CMYK")]

    answers = [client.predict(source) for source in sources]

    assert {(one.digit, one.decision, one.reason) for one in answers} == {(2, "accept", None)}
    for one in answers:
        assert one.probabilities == pytest.approx(answers[0].probabilities, abs=1e-4)
        assert one.accepted


def test_an_answer_has_all_of_the_document(client: Any) -> None:
    """Model, request id, input and explanation are values with names."""
    got = client.predict(as_bytes(), model="cnn10", include=["input", "explanation"], rotate="0")

    assert list(got.probabilities) == list(range(10))
    assert (got.model.name, len(got.model.sha256), len(got.request_id)) == ("cnn10", 64, 32)
    assert len(got.input.pixels) == len(got.relevance) == 14
    assert got.input.png.startswith("data:image/png")
    assert client.predict(as_bytes(), threshold=1).decision == "abstain"


def test_a_batch_has_an_answer_for_each_image(client: Any) -> None:
    """In order; one that is refused is an exception in its place, which is not raised."""
    first, second, third = client.predict_batch([as_bytes(), b"no image", two()])

    assert (first.digit, third.digit) == (2, 2)
    assert isinstance(second, UnsupportedImageError)
    assert second.problem.detail.startswith("image")
    assert client.predict_batch([]) == []


def test_a_sheet_has_pages_boxes_and_fields(client: Any) -> None:
    """With a layout, and a page of several that cannot be read."""
    sheet = Image.new("L", (480, 120), 255)
    for left in range(20, 380, 60):
        ImageDraw.Draw(sheet).rectangle((left, 30, left + 60, 90), outline=0, width=2)
        sheet.paste(Image.eval(two(40), lambda value: 255 - value), (left + 10, 40))

    got = client.read_sheet(encode(sheet), include=["picture"])
    [page] = got.pages

    assert isinstance(page, Page)
    assert [box.prediction.digit for box in page.boxes] == [2] * 6
    assert [field.text for field in page.fields] == ["222222"]
    assert page.picture
    with pytest.raises(MalformedRequestError, match="layout"):
        client.read_sheet(encode(sheet), layout={"no": "layout"})


def test_models_and_their_cards(client: Any) -> None:
    """The list has versions, a card the recipe."""
    default, *others = client.models()
    card = client.model(default.name, version="stable")

    assert default.default
    assert not any(one.default for one in others)
    assert default.versions[0].role == "stable"
    assert (card.name, card.sha256) == (default.name, default.sha256)
    assert card.recipe
    assert client.is_ready()


def test_an_error_carries_its_problem_document(client: Any) -> None:
    """Status, type, detail and request id; the class is that of the type."""
    with pytest.raises(UnknownModelError, match=r"404 Not Found: .*rnn") as caught:
        client.predict(as_bytes(), model="rnn")

    problem = caught.value.problem
    assert (caught.value.status, problem.type) == (404, "urn:digitserve:problem:unknown-model")
    assert len(problem.request_id) == 32
    with pytest.raises(UnreadableImageError):
        client.predict(as_bytes()[:60])
    with pytest.raises(MalformedRequestError):
        client.predict(b"")


def test_without_the_key_the_service_refuses(connect: Connect, service: Server) -> None:
    """The client sends the key of its argument alone, and shows it nowhere."""
    with connect(service.url) as anonymous, pytest.raises(UnauthorizedError):
        anonymous.predict(as_bytes())
    with connect(service.url, api_key=KEY) as known:
        assert isinstance(known.predict(as_bytes()), Prediction)
        assert KEY not in repr(known)
