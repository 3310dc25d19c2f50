"""The memory of recent pictures: bounded, shared by processes, never half a picture."""

import os
from pathlib import Path

import httpx
import numpy as np
import pytest

from app.feedback.recent import RecentPictures
from app.inference.registry import Registry
from app.inference.types import NormalisedUpload, PredictionResult
from model_core.classifier import Prediction
from model_core.preprocessing import NormalisedImage
from tests.support.databases import sqlite
from tests.support.pictures import as_bytes
from tests.support.servers import serve


def result(digit: int) -> PredictionResult:
    """Return the prediction of a digit for a picture of this grey."""
    image = NormalisedImage(np.full((28, 28), digit, np.uint8), ())
    prediction = Prediction(digit, 0.5, (), "accept", None, 1.0)
    upload = NormalisedUpload(image, 784, 0, 0, 0)
    return PredictionResult(prediction, image, np.zeros((14, 14), np.float32), 0, upload, 0, 0)


def digit_of(recent: RecentPictures, request_id: str, index: int = 0) -> int | None:
    """Return the digit of a remembered picture, or None."""
    found = recent.find(request_id, index)
    if found is None:
        return None
    pixels, answer = found
    assert pixels == bytes([answer.digit]) * 784
    return answer.digit


def test_pictures_are_found_by_request_and_place(registry: Registry) -> None:
    """With the answer and the version that gave it; places of a batch may be given."""
    recent, model = RecentPictures(1, 8), registry.default
    recent.remember("a", model, [result(1), result(2)])
    recent.remember("b", model, [result(3)], [2])

    digits = [digit_of(recent, *one) for one in [("a", 0), ("a", 1), ("a", 2), ("b", 0), ("b", 2)]]
    found = recent.find("a", 0)

    assert digits == [1, 2, None, None, 3]
    assert found is not None
    assert found[1][:3] == (model.name, model.version, model.sha256)


def test_only_the_last_pictures_are_remembered(registry: Registry) -> None:
    """A request with more of them than there is room for keeps its first ones."""
    recent = RecentPictures(1, 3)
    for digit, name in enumerate("abcd"):
        recent.remember(name, registry.default, [result(digit)])
    digits = [digit_of(recent, name) for name in "abcd"]
    recent.remember("e", registry.default, [result(digit) for digit in range(5)])

    assert digits == [None, 1, 2, 3]
    assert [digit_of(recent, "e", index) for index in range(5)] == [0, 1, 2, None, None]


def test_the_newest_request_with_an_id_is_found(registry: Registry) -> None:
    """Clients may send the same id again; an id of the largest length is not cut."""
    recent, name = RecentPictures(2, 4), "x" * 128
    recent.claim(1)
    recent.remember(name, registry.default, [result(1)])
    recent.claim(0)
    recent.remember(name, registry.default, [result(2)])

    assert digit_of(recent, name) == 2
    assert digit_of(recent, "x" * 127) is None


def test_a_picture_of_another_process_is_found(registry: Registry) -> None:
    """The memory is shared by the processes that are forked after it is created."""
    recent = RecentPictures(2, 4)
    child = os.fork()
    if child == 0:
        recent.claim(1)
        recent.remember("a", registry.default, [result(7)])
        os._exit(0)
    os.waitpid(child, 0)

    assert digit_of(recent, "a") == 7


def test_a_slot_that_is_being_written_is_not_found(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that meets a slot whose id changed while it was read takes it for unknown."""
    recent = RecentPictures(1, 1)
    recent.remember("a", registry.default, [result(1)])
    read = RecentPictures._read

    def read_late(self: RecentPictures, slot: int) -> object:
        values = read(self, slot)
        recent.remember("b", registry.default, [result(2)])
        return values

    monkeypatch.setattr(RecentPictures, "_read", read_late)

    assert recent.find("a", 0) is None


def test_any_worker_takes_feedback_on_a_request(tmp_path: Path) -> None:
    """With two workers, each request on a connection of its own."""
    with serve(DIGITS_DATABASE_URL=sqlite(tmp_path), DIGITS_WORKERS="2") as server:
        statuses = set()
        for _ in range(10):
            answer = httpx.post(f"{server.url}/v1/predictions", content=as_bytes())
            body = {"request_id": answer.json()["request_id"], "digit": 2}
            statuses.add(httpx.post(f"{server.url}/v1/feedback", json=body).status_code)

    assert statuses == {200, 202}
