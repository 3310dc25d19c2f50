"""Scan of the model directory: weights files by model and version, and the labels of versions.

A version is ``NAME/VERSION/model.safetensors``, VERSION a positive integer, or the flat file
``NAME.safetensors``, whose version is in its model card. ``NAME/labels.json`` can pin versions:
``{"stable": "1", "canary": "2"}``.
"""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from app.inference.registry.errors import RegistryError

FILE_NAME = "model.safetensors"
LABELS_FILE_NAME = "labels.json"
ROLES = ("stable", "canary")

_VERSION = re.compile(r"[1-9][0-9]{0,17}")


class WeightsFile(NamedTuple):
    """A weights file of the model directory; ``version`` is None if only its card has it."""

    name: str
    version: str | None
    path: Path


def scan(directory: Path) -> dict[str, list[WeightsFile]]:
    """Return the weights files of each model, by name.

    Raises: RegistryError if the directory cannot be read.
    """
    files: dict[str, list[WeightsFile]] = {}
    try:
        entries = sorted(directory.iterdir())
    except OSError as error:
        raise RegistryError(
            f"{directory}: expected a directory of models, got {error.strerror}"
        ) from None
    for entry in entries:
        flat = entry.suffix == ".safetensors" and not entry.is_dir()
        for file in [WeightsFile(entry.stem, None, entry)] if flat else _version_files(entry):
            files.setdefault(file.name, []).append(file)
    return dict(sorted(files.items()))


def read_labels(directory: Path, name: str) -> dict[str, str]:
    """Return the versions that a model's labels.json pins, by role; empty without the file.

    Raises: RegistryError if the file is not an object of roles and versions.
    """
    path = directory / name / LABELS_FILE_NAME
    try:
        labels = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise RegistryError(f"{path}: expected a JSON object, got {error}") from None
    return _check_labels(path, labels)


def _version_files(folder: Path) -> list[WeightsFile]:
    """Return the versions in a model's folder; other folders than versions are ignored."""
    return [
        WeightsFile(folder.name, path.parent.name, path)
        for path in folder.glob(f"*/{FILE_NAME}")
        if _VERSION.fullmatch(path.parent.name)
    ]


def _check_labels(path: Path, labels: Any) -> dict[str, str]:
    if not isinstance(labels, dict) or not labels.keys() <= set(ROLES):
        raise RegistryError(f'{path}: expected {{"stable": "1", "canary": "2"}}, got {labels!r}')
    for role, version in labels.items():
        if not isinstance(version, str) or not version:
            raise RegistryError(f'{path}: {role}: expected a version like "1", got {version!r}')
    return labels
