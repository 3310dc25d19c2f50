"""tritonclient.http: load and unload models with the admin key."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tritonclient.http import InferenceServerClient
from tritonclient.utils import InferenceServerException

from model_core.weights import pretrained_dir
from tests.app.clients.open_inference.answers import Answers
from tests.app.clients.open_inference.conftest import ADMIN_KEY
from tests.app.clients.open_inference.tensors import image
from tests.support.servers import serve

ADMIN = {"Authorization": f"Bearer {ADMIN_KEY}"}


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Return a directory with the shipped cnn and dnn, each as version 1."""
    place = tmp_path / "models"
    for name in ("cnn", "dnn"):
        (place / name / "1").mkdir(parents=True)
        content = (pretrained_dir() / f"{name}.safetensors").read_bytes()
        (place / name / "1" / "model.safetensors").write_bytes(content)
    return place


def add_version(models: Path, version: str, content: bytes | None = None) -> None:
    """Add a version of cnn: the shipped file, or other content."""
    place = models / "cnn" / version
    place.mkdir()
    shipped = (pretrained_dir() / "cnn.safetensors").read_bytes()
    (place / "model.safetensors").write_bytes(shipped if content is None else content)


@pytest.fixture
def administered(models: Path) -> Iterator[Any]:
    """Return a client of a service with an admin key."""
    with (
        serve(DIGITS_ADMIN_KEY=ADMIN_KEY, DIGITS_WEIGHTS_DIR=str(models)) as server,
        InferenceServerClient(f"127.0.0.1:{server.port}") as client,
    ):
        yield client


def states(client: Any) -> set[tuple[str, str, str]]:
    """Return name, version and state of everything in the index."""
    index = client.get_model_repository_index()
    return {(one["name"], one["version"], one["state"]) for one in index}


def answered_by(client: Any, drawn: Answers) -> str:
    """Return the version that answers a request which names none."""
    result = client.infer("cnn", [image(drawn.images[:1])])
    drawn.first(1).check(result)
    return str(result.get_response()["model_version"])


def test_load_serves_the_new_version(administered: Any, models: Path, drawn: Answers) -> None:
    """A version added to the directory is served after load, without a restart."""
    assert answered_by(administered, drawn) == "1"
    add_version(models, "2")

    administered.load_model("cnn", headers=dict(ADMIN))

    assert answered_by(administered, drawn) == "2"
    assert administered.get_model_metadata("cnn")["versions"] == ["1", "2"]
    assert {("cnn", "1", "READY"), ("cnn", "2", "READY")} <= states(administered)


def test_unload_and_load_again(administered: Any) -> None:
    """An unloaded model is no longer ready and its requests fail, until it is loaded again."""
    row = [image(np.zeros((1, 14, 14), np.float32))]
    administered.unload_model("dnn", headers=dict(ADMIN))

    assert not administered.is_model_ready("dnn")
    assert ("dnn", "1", "UNAVAILABLE") in states(administered)
    with pytest.raises(InferenceServerException, match="dnn"):
        administered.infer("dnn", row)
    administered.load_model("dnn", headers=dict(ADMIN))
    assert administered.infer("dnn", row).get_response()["model_version"] == "1"


def test_the_default_model_cannot_be_unloaded(administered: Any, drawn: Answers) -> None:
    """Requests that name no model need it."""
    with pytest.raises(InferenceServerException, match="default model") as caught:
        administered.unload_model("cnn", headers=dict(ADMIN))

    assert caught.value.status() == "409"
    assert answered_by(administered, drawn) == "1"


def test_a_bad_file_changes_nothing(administered: Any, models: Path, drawn: Answers) -> None:
    """A file that cannot be loaded raises its reason, which the index has, too."""
    add_version(models, "2", b"no weights")

    with pytest.raises(InferenceServerException):
        administered.load_model("cnn", headers=dict(ADMIN))

    assert answered_by(administered, drawn) == "1"
    [bad] = [
        one for one in administered.get_model_repository_index() if one["state"] == "UNAVAILABLE"
    ]
    assert (bad["name"], bad["version"]) == ("cnn", "2")
    assert bad["reason"]


def test_an_unknown_model_cannot_be_loaded(administered: Any) -> None:
    """A name that is not in the directory is refused."""
    with pytest.raises(InferenceServerException, match="unknown"):
        administered.load_model("unknown", headers=dict(ADMIN))


@pytest.mark.parametrize("call", ["load_model", "unload_model"])
@pytest.mark.parametrize("headers", [None, {"Authorization": "Bearer wrong-key-of-tests"}])
def test_the_key_is_needed(
    administered: Any, drawn: Answers, call: str, headers: dict[str, str] | None
) -> None:
    """Without the admin key nothing is loaded or unloaded."""
    with pytest.raises(InferenceServerException, match="key") as caught:
        getattr(administered, call)("cnn", headers=headers)

    assert caught.value.status() in ("401", "403")
    assert answered_by(administered, drawn) == "1"


@pytest.mark.parametrize("call", ["load_model", "unload_model"])
def test_off_by_default(triton: Any, call: str) -> None:
    """A service without an admin key refuses, and says how to switch it on."""
    with pytest.raises(InferenceServerException, match="DIGITS_ADMIN_KEY") as caught:
        getattr(triton, call)("cnn", headers=dict(ADMIN))

    assert caught.value.status() in ("403", "404")
    assert triton.is_model_ready("cnn")
