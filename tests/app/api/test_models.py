"""Model routes: list, model card, ETag."""

from pathlib import Path

import pytest

from app.inference.readiness import Readiness
from app.inference.registry import Registry, load_registry
from app.main import create_app
from app.settings import Settings
from model_core.preprocessing import PREPROCESSING_VERSION
from model_core.weights import save_weights
from tests.app.conftest import Client
from tests.support.models import SHIPPED, untrained
from tests.support.pictures import as_bytes


def test_the_list_names_every_model(client: Client, registry: Registry) -> None:
    """The list has each model with digest, labels, shape and metrics, and marks the default."""
    models = client.get("/v1/models").json()["models"]

    assert [model["name"] for model in models] == SHIPPED
    assert [model["default"] for model in models] == [name == "cnn" for name in SHIPPED]
    assert models[0]["sha256"] == registry.get("cnn").pretrained.sha256
    assert models[0]["labels"] == [0, 1, 2, 3, 4]
    assert models[0]["input_shape"] == [14, 14]
    assert models[0]["metrics"]["test_images"] == 5139


def test_a_model_route_returns_the_whole_card(client: Client, registry: Registry) -> None:
    """The response has every field of the weights file's model card."""
    card = client.get("/v1/models/dnn").json()

    assert card.items() >= registry.get("dnn").pretrained.card.to_dict().items()
    assert card["parameters"] == 84_102


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/cnn"])
def test_a_known_etag_gives_304(client: Client, path: str) -> None:
    """A request with the current ETag gets 304 without a body, with another ETag the body."""
    first = client.get(path)
    tag = first.headers["etag"]
    again = client.get(path, headers={"If-None-Match": f'"x", W/{tag}'})
    other = client.get(path, headers={"If-None-Match": '"x"'})

    assert tag.startswith('"')
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert other.content == first.content


def test_if_none_match_may_have_several_lines(client: Client) -> None:
    """The ETags of several If-None-Match lines are one list."""
    tag = client.get("/v1/models").headers["etag"]

    for lines in ([tag, '"x"'], ['"x"', tag], ['"x", "y"', f'"z", {tag}']):
        headers = [("If-None-Match", line) for line in lines]
        assert client.get("/v1/models", headers=headers).status_code == 304


def test_an_unknown_model_is_404(client: Client) -> None:
    """The error of an unknown model lists the known names."""
    response = client.get("/v1/models/rnn")

    assert response.status_code == 404
    assert response.json()["detail"] == f"model: expected {' or '.join(SHIPPED)}, got 'rnn'"


def test_a_model_of_ten_digits_is_served(tmp_path: Path, readiness: Readiness) -> None:
    """The labels of the weights file decide how many digits the service predicts."""
    ten = untrained("dnn", labels=tuple(range(10)), preprocessing=PREPROCESSING_VERSION)
    save_weights(tmp_path / "ten.safetensors", ten.classifier, ten.card)
    registry = load_registry(tmp_path)  # the only file needs no name
    client = Client(create_app(Settings(), registry, readiness))

    answer = client.post("/v1/predictions", content=as_bytes()).json()
    card = client.get("/v1/models/ten").json()

    assert list(answer["probabilities"]) == [str(digit) for digit in range(10)]
    assert sum(answer["probabilities"].values()) == pytest.approx(1)
    assert card["labels"] == list(range(10))


def test_the_default_of_several_models_is_the_cnn(registry: Registry) -> None:
    """Unless a setting names another one."""
    directory = Settings().weights_dir

    assert load_registry(directory).default.name == "cnn"
    assert load_registry(directory, default="dnn").default.name == "dnn"
