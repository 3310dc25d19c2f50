"""Versions of a model in the prediction routes: by number, by role, and as a canary."""

from pathlib import Path

import pytest

from app.inference.readiness import Readiness
from app.inference.registry import Trials, load_registry
from app.main import create_app
from app.setting_types import VersionShare
from app.settings import Settings
from tests.app.conftest import Client
from tests.support.pictures import as_bytes
from tests.support.versions import save_versions

PNG = as_bytes()
FORM = [("images", PNG)]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model directory with two versions."""
    return save_versions(tmp_path_factory.mktemp("models"), "1", "2")


@pytest.fixture
def client(directory: Path, readiness: Readiness) -> Client:
    """Return a client of an application of which version 2 is a canary for half the requests."""
    trials = Trials(canary=VersionShare("cnn", "2", 0.5))
    return Client(create_app(Settings(), load_registry(directory, trials=trials), readiness))


@pytest.mark.parametrize(
    ("query", "version"),
    [("version=1", "1"), ("version=2", "2"), ("version=stable", "1"), ("version=canary", "2")],
)
def test_a_request_can_name_the_version(client: Client, query: str, version: str) -> None:
    """One picture and a batch; the receipt in the answer names the version and its file."""
    answers = [
        client.post(f"/v1/predictions?model=cnn&{query}", content=PNG).json(),
        client.post(f"/v1/predictions/batch?{query}", files=FORM).json(),
    ]
    served = client.app.services.registry.get("cnn", version)

    for answer in answers:
        assert answer["model"]["version"] == version
        assert answer["model"]["sha256"] == served.sha256


def test_the_versions_give_their_own_answers(client: Client) -> None:
    """The probabilities are those of the version that the receipt names."""
    answers = [
        client.post(f"/v1/predictions?version={version}", content=PNG).json()
        for version in ("1", "2", "1")
    ]

    assert answers[0]["probabilities"] == answers[2]["probabilities"]
    assert answers[0]["probabilities"] != answers[1]["probabilities"]


def test_an_unknown_version_is_refused(client: Client) -> None:
    """The problem says which versions there are."""
    answer = client.post("/v1/predictions?version=3", content=PNG)

    assert answer.status_code == 404
    assert answer.json()["detail"] == (
        "version of cnn: expected 1 or 2 or stable or canary, got '3'"
    )


def test_the_request_id_chooses_the_canary(client: Client) -> None:
    """An id has the same version each time, in a batch, too; about half the ids have each."""
    versions = []
    for number in range(40):
        headers = {"X-Request-ID": f"id-{number}"}
        one = client.post("/v1/predictions", content=PNG, headers=headers).json()
        batch = client.post("/v1/predictions/batch", files=FORM, headers=headers).json()
        assert batch["model"] == one["model"]
        versions.append(one["model"]["version"])

    assert 8 < versions.count("2") < 32
    assert set(versions) == {"1", "2"}


def test_the_canary_is_the_same_under_v2(client: Client) -> None:
    """An id has the same version there; a version in the path is that version."""
    tensor = {"name": "image", "shape": [1, 14, 14], "datatype": "FP32", "data": [0.5] * 196}
    body = {"inputs": [tensor]}
    for number in range(10):
        headers = {"X-Request-ID": f"id-{number}"}
        one = client.post("/v1/predictions", content=PNG, headers=headers).json()["model"]
        answers = [
            client.post(f"/v2/models/cnn{path}/infer", json=body, headers=headers).json()
            for path in ("", "/versions/1", "/versions/2")
        ]
        assert [answer["model_version"] for answer in answers] == [one["version"], "1", "2"]
