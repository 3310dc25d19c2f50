"""Loading of all models at the start of the service."""

from pathlib import Path

from app.inference.registry.directory import WeightsFile, read_labels, scan
from app.inference.registry.errors import RegistryError
from app.inference.registry.loaded_model import ModelVersions, version_order
from app.inference.registry.loader import load_model
from app.inference.registry.registry import Registry

# The default of several models if the settings name none.
DEFAULT_MODEL = "cnn"


def load_registry(directory: Path, *, default: str | None = None) -> Registry:
    """Load, verify and self-test all weights files of a directory.

    ``default`` names the default model; None stands for ``cnn``, or for the only model.
    Raises: RegistryError for an invalid file, or if the default model is missing.
    """
    models = {
        name: _load_versions(files, read_labels(directory, name))
        for name, files in scan(directory).items()
    }
    if default is None:
        default = next(iter(models)) if len(models) == 1 else DEFAULT_MODEL
    if default not in models:
        raise RegistryError(
            f"default model: expected {directory / default}.safetensors, got "
            f"{', '.join(models) or 'no weights file there'}; train one with "
            f"`python -m training fit`, or set DIGITS_WEIGHTS_DIR and DIGITS_DEFAULT_MODEL"
        )
    return Registry(models, default=default)


def _load_versions(files: list[WeightsFile], labels: dict[str, str]) -> ModelVersions:
    loaded = [load_model(file) for file in files]
    by_version = {one.version: one for one in loaded}
    versions = tuple(sorted(loaded, key=lambda one: version_order(one.version)))
    for role, version in labels.items():
        if version not in by_version:
            raise RegistryError(
                f"{files[0].name}: labels.json: {role}: expected one of "
                f"{', '.join(by_version)}, got {version}"
            )
    stable = by_version.get(labels.get("stable", ""), versions[-1])
    return ModelVersions(versions, stable, by_version.get(labels.get("canary", "")))
