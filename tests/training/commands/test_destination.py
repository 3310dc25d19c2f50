"""The place of the weights: a file, or the next version in a model directory."""

import os
import shutil
from pathlib import Path

import pytest

from app.inference.registry.directory import scan
from model_core.weights import Pretrained, load_weights, pretrained_dir
from training.commands.destination import ModelDirectory, WeightsPath, stored_version
from training.errors import OutputError

SHIPPED = pretrained_dir() / "cnn.safetensors"


@pytest.fixture
def shipped() -> Pretrained:
    """Return the shipped cnn."""
    return load_weights(SHIPPED)


def add_version(directory: Path, version: str) -> None:
    """Copy the shipped cnn as a version of a model directory."""
    folder = directory / "cnn" / version
    folder.mkdir(parents=True)
    shutil.copy(SHIPPED, folder / "model.safetensors")


def write(place: ModelDirectory, shipped: Pretrained) -> str:
    """Check a place, write to it and return the version of the file, which is that of its card."""
    place.check()
    written = place.write(shipped.classifier, shipped.card)
    assert load_weights(written.path).card == written.card
    assert load_weights(written.path).sha256 == written.sha256
    assert written.path.parent.name == written.card.version
    return written.card.version


def test_each_version_has_the_next_free_number(tmp_path: Path, shipped: Pretrained) -> None:
    """Above those in the directory, and above the weights that it started from."""
    assert write(ModelDirectory(tmp_path, "cnn"), shipped) == "1"
    assert write(ModelDirectory(tmp_path, "cnn"), shipped) == "2"
    assert write(ModelDirectory(tmp_path, "cnn", above=5), shipped) == "6"
    assert write(ModelDirectory(tmp_path, "cnn", version=4), shipped) == "4"
    assert write(ModelDirectory(tmp_path, "cnn"), shipped) == "7"

    assert sorted(os.listdir(tmp_path / "cnn")) == ["1", "2", "4", "6", "7"]
    assert {one.version for one in scan(tmp_path)["cnn"]} == {"1", "2", "4", "6", "7"}


def test_a_single_file_has_a_number_too(tmp_path: Path, shipped: Pretrained) -> None:
    """The card of NAME.safetensors counts, and it is the newest file without other versions."""
    shutil.copy(SHIPPED, tmp_path / "cnn.safetensors")
    place = ModelDirectory(tmp_path, "cnn")

    assert place.newest() == tmp_path / "cnn.safetensors"
    assert write(place, shipped) == str(int(shipped.card.version) + 1)


def test_the_newest_version_is_the_one_with_the_highest_number(tmp_path: Path) -> None:
    """As a number, not as text; other folders are none."""
    for version in ("9", "10", "old", "011"):
        add_version(tmp_path, version)

    newest = ModelDirectory(tmp_path, "cnn").newest()

    assert newest == tmp_path / "cnn" / "10" / "model.safetensors"
    assert ModelDirectory(tmp_path, "dnn").newest() is None


def test_a_number_that_is_taken_meanwhile_is_not_overwritten(
    tmp_path: Path, shipped: Pretrained, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run was faster: this one takes the next number."""
    numbers = iter([1, 2])
    add_version(tmp_path, "1")
    before = (tmp_path / "cnn/1/model.safetensors").stat()
    monkeypatch.setattr(ModelDirectory, "next_version", lambda _: next(numbers))

    assert write(ModelDirectory(tmp_path, "cnn"), shipped) == "2"

    assert (tmp_path / "cnn/1/model.safetensors").stat() == before
    assert sorted(os.listdir(tmp_path / "cnn")) == ["1", "2"]


def test_a_given_version_that_exists_is_refused(tmp_path: Path, shipped: Pretrained) -> None:
    """Before the training, and again when the file is written."""
    add_version(tmp_path, "3")
    place = ModelDirectory(tmp_path, "cnn", version=3)

    with pytest.raises(OutputError, match="cnn/3: expected no such version yet, got one"):
        place.check()
    with pytest.raises(OutputError, match="cnn/3: expected no such version yet, got one"):
        place.write(shipped.classifier, shipped.card)
    assert os.listdir(tmp_path / "cnn") == ["3"]


@pytest.mark.parametrize("name", ["gone", "file"])
def test_a_place_that_is_no_directory_is_refused(tmp_path: Path, name: str) -> None:
    """Missing, or a file."""
    (tmp_path / "file").touch()

    with pytest.raises(OutputError, match=f"--into .*{name}: expected a directory of models that"):
        ModelDirectory(tmp_path / name, "cnn").check()


def test_a_file_is_numbered_above_itself_and_its_start(tmp_path: Path) -> None:
    """The first version is 1; a file without weights has no version."""
    (tmp_path / "other").write_bytes(b"other")

    assert WeightsPath(tmp_path / "new").next_version() == 1
    assert WeightsPath(tmp_path / "new", above=8).next_version() == 9
    assert WeightsPath(SHIPPED, above=3).next_version() == stored_version(SHIPPED) + 1 > 4
    assert WeightsPath(tmp_path / "other").next_version() == 1
    assert WeightsPath(SHIPPED).newest() == SHIPPED
    assert WeightsPath(tmp_path / "new").newest() is None
