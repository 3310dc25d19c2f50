"""Scan of the model directory, and labels.json."""

from pathlib import Path

import pytest

from app.inference.registry.directory import read_labels, scan
from app.inference.registry.errors import RegistryError


def touch(directory: Path, *names: str) -> None:
    """Create empty files, with their folders."""
    for name in names:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def found(directory: Path) -> dict[str, list[str | None]]:
    """Return the versions that a scan finds, by model."""
    return {name: [file.version for file in files] for name, files in scan(directory).items()}


def test_versions_and_flat_files_are_found(tmp_path: Path) -> None:
    """A folder's number is the version; a flat file's version is in its card."""
    touch(tmp_path, "cnn/2/model.safetensors", "cnn/1/model.safetensors", "dnn.safetensors")

    assert {name: sorted(map(str, one)) for name, one in found(tmp_path).items()} == {
        "cnn": ["1", "2"],
        "dnn": ["None"],
    }


@pytest.mark.parametrize(
    "name", ["cnn/0/model.safetensors", "cnn/01/model.safetensors", "cnn/v2/model.safetensors"]
)
def test_a_version_is_a_positive_integer(tmp_path: Path, name: str) -> None:
    """Other folders are ignored, and so are other files."""
    touch(tmp_path, name, "cnn/1/other.safetensors", "cnn.md", "1.tmp")

    assert found(tmp_path) == {}


def test_a_missing_directory_is_an_error(tmp_path: Path) -> None:
    """The error names the directory."""
    with pytest.raises(RegistryError, match="gone: expected a directory of models, got No such"):
        scan(tmp_path / "gone")


def test_labels_pin_versions(tmp_path: Path) -> None:
    """Without labels.json nothing is pinned."""
    (tmp_path / "cnn").mkdir()
    (tmp_path / "cnn" / "labels.json").write_text('{"stable": "1", "canary": "2"}')

    assert read_labels(tmp_path, "cnn") == {"stable": "1", "canary": "2"}
    assert read_labels(tmp_path, "dnn") == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "expected a JSON object, got"),
        ("[" * 100_000, "expected a JSON object, got"),
        ("[]", 'expected {"stable": "1", "canary": "2"}, got []'),
        ('{"best": "1"}', "got {'best': '1'}"),
        ('{"stable": 1}', 'stable: expected a version like "1", got 1'),
        ('{"stable": ""}', "stable: expected a version like \"1\", got ''"),
    ],
)
def test_other_labels_are_an_error(tmp_path: Path, text: str, message: str) -> None:
    """Broken JSON, unknown roles and versions that are not texts are named with the file."""
    (tmp_path / "cnn").mkdir()
    (tmp_path / "cnn" / "labels.json").write_text(text)

    with pytest.raises(RegistryError) as error:
        read_labels(tmp_path, "cnn")

    assert "labels.json: " in str(error.value)
    assert message in str(error.value)
