"""The documents for KServe: its SDK reads them, and the service runs as they say."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from model_core.weights import pretrained_dir
from tests.app.clients.open_inference.kserve_environment import KSERVE
from tests.support.servers import serve

FOLDER = Path(__file__).parents[2] / "deploy" / "kserve"
READER = Path(__file__).with_name("kserve_documents.py")
DOCUMENTS: list[dict[str, Any]] = [
    yaml.safe_load(path.read_text()) for path in sorted(FOLDER.glob("*.yaml"))
]


def document(name: str) -> dict[str, Any]:
    """Return a document by the name of its file."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
    return found


def wrong(**change: Any) -> dict[str, Any]:
    """Return the document of the service with another predictor."""
    found = document("inference-service")
    found["spec"]["predictor"] |= change
    return found


WRONG = [
    (wrong(minReplicas="2"), "minReplicas: expected int, got '2'"),
    (wrong(minReplica=2), "expected fields of V1beta1PredictorSpec"),
    (wrong(model={"runtime": "digitserve"}), "model_format"),
]


@pytest.fixture(scope="module")
def read() -> list[dict[str, Any]]:
    """Return what KServe's SDK reads of the documents and of the wrong ones, or skip."""
    if not KSERVE.exists():
        pytest.skip("needs KServe's client in .venv-kserve: make kserve")
    done = subprocess.run(
        [KSERVE, READER],
        input=json.dumps(DOCUMENTS + [one for one, _ in WRONG]),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_sdk_reads_every_document_completely(read: list[dict[str, Any]]) -> None:
    """Every field has a class and a type of the SDK, and the SDK sends the same document."""
    assert read[: len(DOCUMENTS)] == DOCUMENTS
    assert sorted(one["kind"] for one in DOCUMENTS) == [
        "InferenceService",
        "InferenceService",
        "ServingRuntime",
    ]


def test_the_reader_refuses_a_wrong_document(read: list[dict[str, Any]]) -> None:
    """A wrong type, an unknown field and a missing field are errors."""
    for answer, (_, message) in zip(read[len(DOCUMENTS) :], WRONG, strict=True):
        assert message in answer["error"]


def test_the_service_names_the_runtime() -> None:
    """Runtime, model format, version and protocol of the two documents agree."""
    runtime = document("serving-runtime")
    model = document("inference-service")["spec"]["predictor"]["model"]

    assert model["runtime"] == runtime["metadata"]["name"]
    assert model["protocolVersion"] in runtime["spec"]["protocolVersions"]
    formats = [(one["name"], one["version"]) for one in runtime["spec"]["supportedModelFormats"]]
    assert (model["modelFormat"]["name"], model["modelFormat"]["version"]) in formats


def test_the_service_runs_with_the_settings_of_the_runtime(tmp_path: Path, free_port: int) -> None:
    """With the directory of KServe's store and the port of Knative, the probes answer 200."""
    container = document("serving-runtime")["spec"]["containers"][0]
    environment = {one["name"]: one["value"] for one in container["env"]}
    assert environment["DIGITS_WEIGHTS_DIR"] == "/mnt/models"
    shutil.copy(pretrained_dir() / "cnn.safetensors", tmp_path / "digits.safetensors")
    environment |= {"DIGITS_WEIGHTS_DIR": str(tmp_path), "PORT": str(free_port)}

    with serve(**environment) as server:
        answers = [
            httpx.get(server.url + container[probe]["httpGet"]["path"]).status_code
            for probe in ("readinessProbe", "livenessProbe")
        ]
        model = httpx.get(f"{server.url}/v2/models/digits").json()["name"]

        assert server.port == free_port
    assert (answers, model) == ([200, 200], "digits")
