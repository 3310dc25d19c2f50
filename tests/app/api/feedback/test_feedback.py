"""The routes of feedback, with a database in SQLite and in PostgreSQL."""

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from pydantic import SecretStr

from tests.app.conftest import Client
from tests.support.databases import sqlite
from tests.support.pictures import as_bytes, encode, negative, two

URL = "/v1/feedback"
PNG = as_bytes()
Connect = Callable[..., Client]


@pytest.fixture
def service(connect: Connect, database_url: str) -> Client:
    """Return a client of a service with a database."""
    return connect(database_url=SecretStr(database_url))


@pytest.fixture
def small(connect: Connect, tmp_path: Path) -> Client:
    """Return a client of a service with SQLite, for what does not depend on the database."""
    return connect(database_url=SecretStr(sqlite(tmp_path)))


def predict(client: Client, content: bytes = PNG) -> str:
    """Return the request id of a prediction."""
    answer: str = client.post("/v1/predictions", content=content).json()["request_id"]
    return answer


def in_json(picture: bytes = PNG) -> str:
    """Return a picture in base64."""
    return base64.b64encode(picture).decode()


def pixels(document: dict[str, Any]) -> np.ndarray[Any, Any]:
    """Return the picture of 28x28 pixels in feedback."""
    content = base64.b64decode(document["picture"].partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(content)))


def test_a_recent_request_is_corrected(service: Client) -> None:
    """The picture is the one that the model saw, in MNIST's format, with the model's answer."""
    request_id = predict(service, encode(negative(two(200))))

    stored = service.post(URL, json={"request_id": request_id, "digit": 3, "source": "Ada"})
    shown = service.get(f"{URL}/{stored.json()['id']}").json()

    assert stored.status_code == 202
    assert (shown["digit"], shown["source"], shown["request_id"]) == (3, "Ada", request_id)
    assert shown["answer"]["model"].keys() == {"name", "version", "sha256"}
    assert (shown["answer"]["digit"], shown["answer"]["correct"]) == (2, False)
    assert (shown["original"], shown["has_original"]) == (None, False)
    assert pixels(shown).shape == (28, 28)
    assert pixels(shown)[0, 0] == 0
    assert pixels(shown).max() > 250
    assert stored.json() == {name: shown[name] for name in stored.json()}


@pytest.mark.parametrize("digit", [2, None])
def test_a_picture_is_stored_with_the_answer_for_it(service: Client, digit: int | None) -> None:
    """Sent as JSON or in a form, it is the same picture, stored once."""
    text = "none" if digit is None else str(digit)
    given: list[dict[str, Any]] = [
        {"json": {"image": in_json(), "digit": digit}},
        {"data": {"digit": text}, "files": {"image": PNG}},
        {"json": {"image": "data:image/png;base64," + in_json(), "digit": digit}},
    ]

    answers = [service.post(URL, **one) for one in given]

    assert [one.status_code for one in answers] == [202, 200, 200]
    assert len({one.json()["id"] for one in answers}) == 1
    assert answers[0].json()["digit"] == digit
    assert answers[0].json()["answer"]["correct"] == (digit == 2)


def test_a_confirmation_by_form_needs_no_file(small: Client) -> None:
    """A form with the request id alone; the picture is that of the JSON."""
    request_id = predict(small)
    fields = {"request_id": (None, request_id), "digit": (None, "2"), "index": (None, "0")}

    by_form = small.post(URL, files=fields)
    by_json = small.post(URL, json={"image": in_json(), "digit": 2})

    assert (by_form.status_code, by_json.status_code) == (202, 200)


def test_the_last_label_counts_and_the_history_has_all(service: Client) -> None:
    """A later correction replaces the label."""
    for digit in (3, 4):
        answer = service.post(URL, json={"image": in_json(), "digit": digit})
    shown = service.get(f"{URL}/{answer.json()['id']}").json()

    assert shown["digit"] == 4
    assert [one["digit"] for one in shown["labels"]] == [3, 4]
    assert shown["updated"] > shown["created"]


def test_pictures_of_a_batch_are_named_by_their_place(small: Client) -> None:
    """An image with an error keeps its place."""
    contents = [PNG, b"no picture", encode(two(40))]
    files = [("images", ("a.png", one)) for one in contents]
    request_id = small.post("/v1/predictions/batch", files=files).json()["request_id"]

    answers = [
        small.post(URL, json={"request_id": request_id, "index": index, "digit": 2})
        for index in range(4)
    ]

    assert [one.status_code for one in answers] == [202, 404, 202, 404]


def test_feedback_is_deleted(service: Client) -> None:
    """The answer is 204 without a body; after that, 404."""
    one = service.post(URL, json={"image": in_json(), "digit": 2}).json()["id"]

    deleted = service.request("DELETE", f"{URL}/{one}")
    statuses = [service.request(how, f"{URL}/{one}").status_code for how in ("GET", "DELETE")]

    assert (deleted.status_code, deleted.content, statuses) == (204, b"", [404, 404])


def test_the_list_is_paged(service: Client) -> None:
    """Oldest first; `next` continues; it says what is kept, and has no pictures."""
    ids = [
        service.post(URL, json={"image": in_json(encode(two(size))), "digit": 2}).json()["id"]
        for size in (24, 36, 48)
    ]

    first = service.get(URL, params={"limit": 2}).json()
    second = service.get(URL, params={"limit": 2, "after": first["next"]}).json()

    assert [one["id"] for one in first["feedback"] + second["feedback"]] == ids
    assert second["next"] is None
    assert second["keeps"] == {"originals": False, "days": None}
    assert "picture" not in first["feedback"][0]


def test_originals_are_kept_only_if_that_is_set(connect: Connect, database_url: str) -> None:
    """Then the file comes back as it was sent."""
    url = SecretStr(database_url)
    plain, keeping = connect(database_url=url), connect(database_url=url, keep_originals=True)
    body = {"image": in_json(), "digit": 2}

    before = plain.post(URL, json=body).json()
    after = keeping.post(URL, json=body).json()

    assert (before["has_original"], after["has_original"]) == (False, True)
    shown = keeping.get(f"{URL}/{after['id']}").json()
    assert base64.b64decode(shown["original"].partition(",")[2]) == PNG


def test_feedback_is_counted_by_answer_and_true_digit(small: Client) -> None:
    """What was stored already is not counted again; a picture is not counted as a prediction."""
    for digit in (2, 2, 7, None):
        small.post(URL, json={"image": in_json(), "digit": digit})

    text = small.get("/metrics").text
    counted = [line for line in text.splitlines() if line.startswith("digitserve_feedback_total")]

    got = [line for line in counted if not line.endswith(" 0.0")]
    assert [line.partition("{")[2] for line in sorted(got)] == [
        f'correct="no",digit="2",model="cnn",true_digit="{true}",version="6"}} 1.0'
        for true in ("7", "none")
    ] + ['correct="yes",digit="2",model="cnn",true_digit="2",version="6"} 1.0']
    assert "digitserve_confidence_count 0.0" in text or "digitserve_confidence_count{" not in text


@pytest.mark.parametrize(
    ("options", "status", "detail"),
    [
        ({"json": {"image": in_json()}}, 400, "digit: expected"),
        ({"json": {"image": in_json(), "digit": 10}}, 400, "digit"),
        ({"json": {"image": in_json(), "digit": "2"}}, 400, "digit"),
        ({"json": {"digit": 2}}, 400, "either request_id or image, got neither"),
        ({"json": {"image": in_json(), "request_id": "a", "digit": 2}}, 400, "got both"),
        ({"json": {"request_id": "a b", "digit": 2}}, 400, "request_id"),
        ({"json": {"request_id": "a", "index": -1, "digit": 2}}, 400, "index"),
        ({"json": {"image": in_json(), "digit": 2, "source": "a\0b"}}, 400, "source"),
        ({"json": {"image": in_json(), "digit": 2, "source": "a" * 201}}, 400, "source"),
        ({"json": {"image": in_json(), "digit": 2, "more": 1}}, 400, "more"),
        ({"json": {"image": "?", "digit": 2}}, 400, "base64"),
        ({"json": {"image": in_json(b"text"), "digit": 2}}, 415, "image: expected PNG"),
        ({"json": {"image": in_json(PNG[:60]), "digit": 2}}, 422, "image"),
        ({"content": b"{", "headers": {"content-type": "application/json"}}, 400, "body"),
        ({"content": PNG, "headers": {"content-type": "image/png"}}, 400, "Content-Type"),
        ({"data": {"digit": "x"}, "files": {"image": PNG}}, 400, "digit: expected 0 to 9 or none"),
        ({"data": {"digit": "2"}, "files": {"file": PNG}}, 400, "'image'"),
        ({"data": {"digit": ["1", "2"]}, "files": {"image": PNG}}, 400, "once"),
        ({"data": {"digit": "2", "index": "x"}, "files": {"image": PNG}}, 400, "index"),
        ({"json": {"request_id": "unknown", "digit": 2}}, 404, "send the picture"),
        ({"json": {"image": in_json(), "digit": 2}, "params": {"model": "x"}}, 404, "model"),
        ({"json": {"image": in_json(), "digit": 2}, "params": {"include": "input"}}, 400, "query"),
    ],
)
def test_other_feedback_is_refused(
    small: Client, options: dict[str, Any], status: int, detail: str
) -> None:
    """With a problem document that says what is expected; nothing is stored."""
    answer = small.post(URL, **options)

    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    )
    assert detail in answer.json()["detail"]
    assert small.get(URL).json()["feedback"] == []


def test_a_query_needs_a_picture(small: Client) -> None:
    """The answer to a recent request is known: a model in the query would contradict it."""
    request_id = predict(small)

    answer = small.post(f"{URL}?model=dnn", json={"request_id": request_id, "digit": 2})

    assert (answer.status_code, answer.json()["detail"][:6]) == (400, "query:")


def test_much_json_is_refused(connect: Connect, tmp_path: Path) -> None:
    """It is parsed in the event loop; a form has no such limit."""
    client = connect(database_url=SecretStr(sqlite(tmp_path)))
    object.__setattr__(client.app.services.settings, "max_body_bytes", 3_000_000)
    client.app.body_limit.max_bytes = 3_000_000

    answer = client.post(URL, json={"image": "A" * 1_500_000, "digit": 2})

    assert answer.status_code == 413
    assert "send a larger picture in a form" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["x", "0" * 32, "%00", "A" * 32])
def test_an_unknown_id_is_404(small: Client, path: str) -> None:
    """For GET and DELETE."""
    answers = [small.request(how, f"{URL}/{path}") for how in ("GET", "DELETE")]

    assert [one.status_code for one in answers] == [404, 404]
    assert "expected the id of one that is stored" in answers[0].json()["detail"]


@pytest.mark.parametrize(
    ("path", "methods"), [(URL, "GET, HEAD, POST"), (f"{URL}/x", "DELETE, GET, HEAD")]
)
def test_another_method_is_405_with_all_that_there_are(
    client: Client, path: str, methods: str
) -> None:
    """The header Allow has the methods of all routes of the path."""
    answer = client.request("PUT", path)

    assert (answer.status_code, answer.headers["allow"]) == (405, methods)


def test_without_a_database_feedback_is_off(client: Client) -> None:
    """Every route answers 404, and names the setting."""
    answers: list[httpx.Response] = [
        client.post(URL, json={"image": in_json(), "digit": 2}),
        client.get(URL),
        client.get(f"{URL}/{'0' * 32}"),
        client.request("DELETE", f"{URL}/{'0' * 32}"),
    ]

    assert {one.status_code for one in answers} == {404}
    assert {one.json()["type"] for one in answers} == {"urn:digitserve:problem:feedback-off"}
    assert "DIGITS_DATABASE_URL" in answers[0].json()["detail"]


def test_a_key_protects_every_route(connect: Connect, tmp_path: Path) -> None:
    """As for predictions: 401 without it."""
    key = "a-key-for-the-tests"
    client = connect(database_url=SecretStr(sqlite(tmp_path)), api_keys=(SecretStr(key),))
    headers = {"Authorization": f"Bearer {key}"}
    one = f"{URL}/{'0' * 32}"

    for sent, expected in ({}, [401] * 4), (headers, [202, 200, 404, 404]):
        answers = [
            client.post(URL, json={"image": in_json(), "digit": 2}, headers=sent),
            client.get(URL, headers=sent),
            client.get(one, headers=sent),
            client.request("DELETE", one, headers=sent),
        ]
        assert [answer.status_code for answer in answers] == expected
