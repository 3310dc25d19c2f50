"""Model registry: versions, roles, and the switch to others."""

import dataclasses
from pathlib import Path

import pytest

from app.errors import UnknownModelError
from app.inference.batcher import MicroBatcher
from app.inference.registry import LoadedModel, ModelVersions, Registry, load_registry
from model_core.preprocessing import PREPROCESSING_VERSION
from model_core.weights import save_weights
from tests.support.models import untrained


def loaded(version: str, name: str = "cnn") -> LoadedModel:
    """Return a version of a model with its initial weights."""
    one = untrained()
    return LoadedModel(name, version, one, MicroBatcher(one.classifier))


def save(path: Path, version: str = "7") -> None:
    """Write a weights file whose card has a version."""
    one = untrained(version=version, preprocessing=PREPROCESSING_VERSION)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_weights(path, one.classifier, one.card)


def test_a_version_is_found_by_number_and_by_role() -> None:
    """Without a version it is the stable one."""
    first, second = loaded("1"), loaded("2")
    registry = Registry({"cnn": ModelVersions((first, second), first, second)}, default="cnn")

    assert registry.default is registry.get(None) is registry.get("cnn") is first
    assert registry.get("cnn", "2") is registry.get(None, "canary") is second
    assert registry.get("cnn", "1") is registry.get("cnn", "stable") is first
    assert registry.versions("cnn") == (first, second)
    assert (registry.models["cnn"].stable, registry.models["cnn"].canary) == (first, second)


@pytest.mark.parametrize(
    ("name", "version", "message"),
    [
        ("rnn", None, "model: expected cnn, got 'rnn'"),
        ("cnn", "3", "version of cnn: expected 1 or stable, got '3'"),
        ("cnn", "canary", "version of cnn: expected 1 or stable, got 'canary'"),
    ],
)
def test_an_unknown_model_or_version_is_refused(
    name: str, version: str | None, message: str
) -> None:
    """The error lists what there is."""
    one = loaded("1")
    registry = Registry({"cnn": ModelVersions((one,), one)}, default="cnn")

    with pytest.raises(UnknownModelError) as error:
        registry.get(name, version)

    assert str(error.value) == message


def test_a_switch_replaces_all_models() -> None:
    """Whoever holds a version keeps it."""
    first, second = loaded("1"), loaded("2")
    registry = Registry({"cnn": ModelVersions((first,), first)}, default="cnn")
    held = registry.get(None)

    registry.switch({"cnn": ModelVersions((second,), second)})

    assert (held, registry.get(None)) == (first, second)


def test_the_highest_version_is_served(tmp_path: Path) -> None:
    """10 is higher than 9; the folder's number is the version, whatever the card says."""
    for version in ("9", "10"):
        save(tmp_path / "cnn" / version / "model.safetensors")

    registry = load_registry(tmp_path)

    assert [one.version for one in registry.versions("cnn")] == ["9", "10"]
    assert registry.default.version == "10"
    assert registry.default.pretrained.card.version == "7"


def test_labels_pin_the_served_version(tmp_path: Path) -> None:
    """labels.json names the stable and the canary version."""
    for version in ("1", "2"):
        save(tmp_path / "cnn" / version / "model.safetensors")
    (tmp_path / "cnn" / "labels.json").write_text('{"stable": "1", "canary": "2"}')

    registry = load_registry(tmp_path)

    canary = registry.models["cnn"].canary
    assert registry.default.version == "1"
    assert canary is registry.get("cnn", "2")


def test_a_flat_file_has_the_version_of_its_card(tmp_path: Path) -> None:
    """It may stand beside folders of versions."""
    save(tmp_path / "cnn.safetensors", "5")
    save(tmp_path / "cnn" / "6" / "model.safetensors")

    assert [one.version for one in load_registry(tmp_path).versions("cnn")] == ["5", "6"]


def test_a_loaded_model_is_equal_to_itself_alone() -> None:
    """Two versions with equal fields are two: arrays have no truth value."""
    one = loaded("1")

    assert one == one
    assert one != dataclasses.replace(one)
