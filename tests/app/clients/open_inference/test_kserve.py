"""KServe's own client, InferenceRESTClient, run in an environment of its own."""

import re
from typing import Any

import numpy as np
import pytest

from tests.app.clients.open_inference.answers import Answers
from tests.app.clients.open_inference.kserve_environment import KSERVE, run_kserve
from tests.support.servers import Server

ROWS = 64


class Outputs:
    """Outputs that the client has printed, with the interface of tritonclient's result."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer

    def as_numpy(self, name: str) -> Any:
        """Return an output in the type that the protocol names for it."""
        types: dict[str, Any] = {"probabilities": np.float32, "digit": np.int64}
        return np.array(self.answer[name], types.get(name, np.object_))


@pytest.fixture(scope="module")
def answers(service: Server, drawn: Answers) -> list[tuple[str, Any]]:
    """Return the name of each call that the client has made, and what came of it."""
    if not KSERVE.exists():
        pytest.skip("needs KServe's client in .venv-kserve: make kserve")
    return run_kserve(service.url, drawn.images[:ROWS], drawn.files[:ROWS])


def test_health(answers: list[tuple[str, Any]]) -> None:
    """The server is live and ready, and so is the model; the client reads the bodies, too."""
    found = dict(answers)

    assert found["is_server_live"] is True
    assert found["is_server_ready"] is True
    assert found["is_model_ready"] is True
    assert found["is_model_ready, unknown"] is False


@pytest.mark.parametrize(("rows", "ways"), [(1, 6), (ROWS, 7)])
def test_inference(answers: list[tuple[str, Any]], drawn: Answers, rows: int, ways: int) -> None:
    """Binary and JSON both ways, and PNG files, get the answers of /v1."""
    results = [answer for name, answer in answers if name.endswith(f"rows: {rows}")]

    assert len(results) == ways
    for answer in results:
        assert "error" not in answer
        assert (answer["id"], answer["model"]) == ("kserve", "cnn")
        drawn.first(rows).check(Outputs(answer))


@pytest.mark.parametrize(
    ("name", "status", "message"),
    [
        ("infer, unknown model", 404, "got .*unknown"),
        ("infer, wrong shape", 400, "expected .*14, ?14"),
    ],
)
def test_errors(answers: list[tuple[str, Any]], name: str, status: int, message: str) -> None:
    """An error raises HTTPStatusError with the status and our message."""
    error = dict(answers)[name]

    assert error["status"] == status
    assert re.search(message, error["error"])
