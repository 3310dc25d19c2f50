"""Health, metadata, configuration and statistics under /v2, and what is not supported."""

from pathlib import Path

import pytest

from app.api.v2.metadata import EXTENSIONS
from app.inference.readiness import Readiness
from app.inference.registry import Registry, load_registry
from app.main import create_app
from app.settings import Settings
from app.version import VERSION
from model_core.preprocessing import PREPROCESSING_VERSION
from model_core.weights import save_weights
from tests.app.conftest import Client
from tests.support.models import untrained
from tests.support.pictures import as_bytes
from tests.support.tensors import files_tensor, image_tensor, json_request

KEY = "a-key-of-sixteen-characters"


def test_the_server_is_described(client: Client) -> None:
    """Name, version, and the extensions that work."""
    assert client.get("/v2").json() == {
        "name": "digitserve",
        "version": VERSION,
        "extensions": EXTENSIONS,
    }
    assert {"binary_tensor_data", "classification"} <= set(EXTENSIONS)


def test_health_needs_no_key(registry: Registry, readiness: Readiness) -> None:
    """Orchestrators ask for it; everything else under /v2 needs a key."""
    client = Client(create_app(Settings(api_keys=KEY), registry, readiness))

    assert client.get("/v2/health/live").json() == {"live": True}
    assert client.get("/v2/health/ready").json() == {"ready": True}
    for path in ("/v2", "/v2/models/cnn", "/v2/models/cnn/ready", "/v2/models/stats"):
        assert client.get(path).status_code == 401
    refused = client.post("/v2/models/cnn/infer", content=json_request(image_tensor()))
    assert (refused.status_code, "error" in refused.json()) == (401, True)


def test_a_service_that_stops_is_not_ready(client: Client, readiness: Readiness) -> None:
    """Neither is its model; it is still alive."""
    readiness.ready = False

    for path in ("/v2/health/ready", "/v2/models/cnn/ready"):
        response = client.get(path)
        assert (response.status_code, "error" in response.json()) == (503, True)
    assert client.get("/v2/health/live").status_code == 200


@pytest.mark.parametrize("path", ["/v2/models/cnn", "/v2/models/cnn/versions/stable"])
def test_a_model_is_described(client: Client, registry: Registry, path: str) -> None:
    """Its versions, inputs and outputs, and the receipt."""
    metadata = client.get(path).json()

    assert (metadata["name"], metadata["platform"]) == ("cnn", "digitserve")
    assert metadata["versions"] == [registry.default.version]
    assert metadata["inputs"] == [
        {"name": "image", "datatype": "FP32", "shape": [-1, 14, 14]},
        {"name": "image_bytes", "datatype": "BYTES", "shape": [-1]},
    ]
    assert metadata["outputs"] == [
        {"name": "probabilities", "datatype": "FP32", "shape": [-1, 5]},
        {"name": "digit", "datatype": "INT64", "shape": [-1]},
        {"name": "decision", "datatype": "BYTES", "shape": [-1]},
        {"name": "reason", "datatype": "BYTES", "shape": [-1]},
    ]
    assert metadata["parameters"] == {
        "sha256": registry.default.sha256,
        "preprocessing": PREPROCESSING_VERSION,
        "labels": [0, 1, 2, 3, 4],
    }
    assert client.get(f"{path}/ready").json() == {"name": "cnn", "ready": True}


def test_the_metadata_is_that_of_the_answer(tmp_path: Path, readiness: Readiness) -> None:
    """A model of ten digits has probabilities of ten labels."""
    ten = untrained("dnn", labels=tuple(range(10)), preprocessing=PREPROCESSING_VERSION)
    save_weights(tmp_path / "ten.safetensors", ten.classifier, ten.card)
    client = Client(create_app(Settings(), load_registry(tmp_path), readiness))

    described = client.get("/v2/models/ten").json()["outputs"]
    body = json_request(image_tensor(3))
    answered = client.post("/v2/models/ten/infer", content=body).json()["outputs"]

    shapes = [[3 if axis == -1 else axis for axis in one["shape"]] for one in described]
    assert [one["shape"] for one in answered] == shapes == [[3, 10], [3], [3], [3]]
    assert [one["datatype"] for one in answered] == [one["datatype"] for one in described]


def test_a_known_etag_gives_304(client: Client) -> None:
    """Metadata with the current ETag is not sent again."""
    tag = client.get("/v2/models/cnn").headers["etag"]

    assert client.get("/v2/models/cnn", headers={"If-None-Match": tag}).status_code == 304
    assert client.get("/v2/models/dnn", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("rest", ["", "/ready", "/config", "/stats"])
def test_unknown_models_and_versions_are_404(client: Client, rest: str) -> None:
    """With an error that lists what there is."""
    for path in (f"/v2/models/x{rest}", f"/v2/models/cnn/versions/0{rest}"):
        response = client.get(path)

        assert response.status_code == 404
        assert " or " in response.json()["error"]


def test_the_configuration_agrees_with_the_metadata(client: Client) -> None:
    """In the form of Triton's; each input is optional, because a request has one of them."""
    config = client.get("/v2/models/cnn/config").json()
    metadata = client.get("/v2/models/cnn").json()

    for kind in ("input", "output"):
        assert [one["name"] for one in config[kind]] == [
            one["name"] for one in metadata[f"{kind}s"]
        ]
        assert [one["dims"] for one in config[kind]] == [
            one["shape"] for one in metadata[f"{kind}s"]
        ]
    assert [one["data_type"] for one in config["input"]] == ["TYPE_FP32", "TYPE_STRING"]
    assert all(one["optional"] for one in config["input"])
    assert config["max_batch_size"] == 0


def test_statistics_count_all_entry_points(client: Client) -> None:
    """Rows of tensors have no decoding; the numbers are those of the metrics."""
    url = "/v2/models/cnn/infer"
    client.post("/v1/predictions", content=as_bytes())
    client.post(url, content=json_request(image_tensor(3)))
    client.post(url, content=json_request(files_tensor(as_bytes(), as_bytes())))

    [statistics] = client.get("/v2/models/cnn/stats").json()["model_stats"]
    everything = client.get("/v2/models/stats").json()["model_stats"]

    assert (statistics["name"], statistics["inference_count"]) == ("cnn", 6)
    stages = statistics["inference_stats"]
    assert (stages["compute_input"]["count"], stages["compute_infer"]["count"]) == (3, 3)
    assert min(stage["ns"] for stage in stages.values()) > 0
    assert statistics in everything
    assert [one["inference_count"] for one in everything if one["name"] != "cnn"] == [0, 0]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "path",
    [
        "/v2/trace/setting",
        "/v2/models/cnn/trace/setting",
        "/v2/logging",
        "/v2/systemsharedmemory/status",
        "/v2/systemsharedmemory/region/x/register",
        "/v2/cudasharedmemory/region/x/unregister",
    ],
)
def test_other_extensions_are_not_implemented(client: Client, method: str, path: str) -> None:
    """501 with an error."""
    response = client.request(method, path)

    assert response.status_code == 501
    assert response.json()["error"].startswith(f"{path}: expected an extension")
