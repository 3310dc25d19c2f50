"""Feedback: the requests that are sent, and the documents that answer them."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from digitserve_client.problems import FeedbackOffError, UnknownFeedbackError
from tests.client.blocking import Connect
from tests.support.flaky_server import flaky, reply
from tests.support.pictures import as_bytes

_MODEL = {"name": "cnn", "version": "5", "sha256": "0ca4"}
_ENTRY: dict[str, Any] = {
    "id": "0123456789abcdef0123456789abcdef",
    "digit": 3,
    "source": "a teacher",
    "answer": {
        "digit": 2,
        "decision": "accept",
        "confidence": 0.9,
        "correct": False,
        "model": _MODEL,
    },
    "request_id": "one",
    "sha256": "ab",
    "has_original": False,
    "created": "2026-11-27T02:00:00Z",
    "updated": "2026-11-27T02:00:01.5Z",
}
_NO_SERVER = "http://127.0.0.1:9"


def page(*entries: dict[str, Any], following: int | None) -> bytes:
    """Return a page of the list of feedback."""
    return json.dumps({"feedback": entries, "next": following, "keeps": {}}).encode()


def problem(kind: str) -> bytes:
    """Return a problem document."""
    return json.dumps({"type": f"urn:digitserve:problem:{kind}", "status": 404}).encode()


def test_a_correction_of_a_recent_request_is_stored(connect: Connect) -> None:
    """The body has the request id and the place; the answer says what the model had answered."""
    stored = reply(json.dumps(_ENTRY).encode(), 202)
    with flaky(_NO_SERVER, stored) as server, connect(server.url) as client:
        got = client.send_feedback(3, request_id="one", index=4, source="a teacher")

    [received] = server.received
    sent = {"request_id": "one", "index": 4, "digit": 3, "source": "a teacher"}
    assert (received.method, received.path) == ("POST", "/v1/feedback")
    assert json.loads(received.body) == sent
    assert (got.digit, got.answer.digit, got.answer.correct) == (3, 2, False)
    assert got.answer.model.version == "5"
    assert got.created == datetime(2026, 11, 27, 2, tzinfo=UTC)


def test_an_image_without_a_digit_is_stored(connect: Connect) -> None:
    """The image is in base64; the model is a parameter."""
    stored = reply(json.dumps(_ENTRY).encode())
    with flaky(_NO_SERVER, stored) as server, connect(server.url) as client:
        client.send_feedback(None, image=as_bytes(), model="cnn10")

    [received] = server.received
    image = base64.b64encode(as_bytes()).decode()
    assert received.path == "/v1/feedback?model=cnn10"
    assert json.loads(received.body) == {"image": image, "digit": None, "source": None}


def test_either_an_image_or_a_request_is_named(connect: Connect) -> None:
    """Both and neither are refused before anything is sent."""
    with connect(_NO_SERVER) as client:
        for given in ({}, {"image": b"image", "request_id": "one"}):
            with pytest.raises(ValueError, match="either image or request_id"):
                client.send_feedback(3, **given)


def test_the_list_is_read_page_by_page(connect: Connect) -> None:
    """Until there is no next page."""
    pages = [page(_ENTRY, _ENTRY, following=7), page(_ENTRY, following=None)]
    with flaky(_NO_SERVER, *map(reply, pages)) as server, connect(server.url) as client:
        assert len(list(client.list_feedback(page_size=2))) == 3

    assert [one.path for one in server.received] == [
        "/v1/feedback?after=0&limit=2",
        "/v1/feedback?after=7&limit=2",
    ]


def test_feedback_is_shown_and_deleted(connect: Connect) -> None:
    """By id; 204 has no document."""
    shown = json.dumps(_ENTRY | {"picture": "data:image/png;base64,", "original": None}).encode()
    replies = [reply(shown), reply(b"", 204)]
    with flaky(_NO_SERVER, *replies) as server, connect(server.url) as client:
        assert client.feedback("a/b").picture == "data:image/png;base64,"
        assert client.delete_feedback("ab") is None

    assert [(one.method, one.path) for one in server.received] == [
        ("GET", "/v1/feedback/a%2Fb"),
        ("DELETE", "/v1/feedback/ab"),
    ]


def test_errors_of_feedback_have_classes(connect: Connect) -> None:
    """No database, and an id that is not stored."""
    replies = [reply(problem(kind), 404) for kind in ("feedback-off", "unknown-feedback")]
    with flaky(_NO_SERVER, *replies) as server, connect(server.url) as client:
        with pytest.raises(FeedbackOffError):
            list(client.list_feedback())
        with pytest.raises(UnknownFeedbackError):
            client.feedback("ab")
