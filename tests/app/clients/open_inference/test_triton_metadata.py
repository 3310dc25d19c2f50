"""tritonclient.http: health, metadata, config, statistics and the repository's index."""

from typing import Any

import httpx
import pytest
from tritonclient.utils import InferenceServerException

from app.version import VERSION
from tests.app.clients.open_inference.answers import Answers
from tests.app.clients.open_inference.tensors import image
from tests.support.servers import Server


def test_health(triton: Any) -> None:
    """Server and models are ready, by name and by version; an unknown one is not."""
    version = triton.get_model_metadata("cnn")["versions"][-1]

    assert triton.is_server_live()
    assert triton.is_server_ready()
    assert triton.is_model_ready("cnn")
    assert triton.is_model_ready("cnn", version)
    assert not triton.is_model_ready("cnn", "999")
    assert not triton.is_model_ready("unknown")


def test_server_metadata(triton: Any) -> None:
    """Name, version, and the extensions that the other tests here use."""
    metadata = triton.get_server_metadata()

    assert (metadata["name"], metadata["version"]) == ("digitserve", VERSION)
    assert {"binary_tensor_data", "classification", "statistics", "model_repository"} <= set(
        metadata["extensions"]
    )


@pytest.mark.parametrize(("model", "labels"), [("cnn", 5), ("dnn", 5), ("cnn10", 10)])
def test_model_metadata(triton: Any, service: Server, model: str, labels: int) -> None:
    """Inputs and outputs have the shapes and types that inference has; versions are /v1's."""
    metadata = triton.get_model_metadata(model)
    inputs = {one["name"]: (one["datatype"], one["shape"]) for one in metadata["inputs"]}
    outputs = {one["name"]: (one["datatype"], one["shape"]) for one in metadata["outputs"]}
    card = httpx.get(f"{service.url}/v1/models/{model}").json()

    assert metadata["name"] == model
    assert metadata["platform"]
    assert inputs == {"image": ("FP32", [-1, 14, 14]), "image_bytes": ("BYTES", [-1])}
    assert outputs == {
        "probabilities": ("FP32", [-1, labels]),
        "digit": ("INT64", [-1]),
        "decision": ("BYTES", [-1]),
        "reason": ("BYTES", [-1]),
    }
    assert card["version"] in metadata["versions"]
    assert triton.get_model_metadata(model, card["version"])["inputs"] == metadata["inputs"]


def test_model_config(triton: Any) -> None:
    """The configuration has the name and types of the model in Triton's words."""
    config = triton.get_model_config("cnn")

    assert config["name"] == "cnn"
    assert {one["name"]: one["data_type"] for one in config["input"]} == {
        "image": "TYPE_FP32",
        "image_bytes": "TYPE_STRING",
    }
    assert {one["name"] for one in config["output"]} == {
        "probabilities",
        "digit",
        "decision",
        "reason",
    }


def test_statistics_count(triton: Any, drawn: Answers) -> None:
    """Three requests of two rows are counted for their model, and for no other."""

    def counts(model: str) -> tuple[int, int]:
        [stats] = triton.get_inference_statistics(model)["model_stats"]
        return int(stats["inference_count"]), int(
            stats["inference_stats"]["compute_infer"]["count"]
        )

    before = counts("cnn"), counts("dnn")
    for _ in range(3):
        triton.infer("cnn", [image(drawn.images[:2])])
    after = counts("cnn"), counts("dnn")

    assert after[0] == (before[0][0] + 6, before[0][1] + 3)
    assert after[1] == before[1]
    assert {one["name"] for one in triton.get_inference_statistics()["model_stats"]} == {
        "cnn",
        "cnn10",
        "dnn",
    }


def test_repository_index(triton: Any) -> None:
    """Each model is listed with its version and state."""
    index = triton.get_model_repository_index()

    assert {(one["name"], one["state"]) for one in index} == {
        (name, "READY") for name in ("cnn", "cnn10", "dnn")
    }
    for one in index:
        assert one["version"] in triton.get_model_metadata(one["name"])["versions"]


@pytest.mark.parametrize("method", ["get_model_metadata", "get_model_config"])
def test_an_unknown_model_has_no_metadata(triton: Any, method: str) -> None:
    """Metadata of an unknown model raise the exception with 404."""
    with pytest.raises(InferenceServerException, match="unknown") as caught:
        getattr(triton, method)("unknown")

    assert caught.value.status() == "404"
