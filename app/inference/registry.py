"""Model registry: loads, verifies and holds the models."""

from dataclasses import dataclass
from pathlib import Path

from app.errors import UnknownModelError
from model_core.classifier import Classifier
from model_core.errors import ModelCoreError
from model_core.preprocessing import PREPROCESSING_VERSION
from model_core.weights import Pretrained, load_weights

# The default of several models if the settings name none.
DEFAULT_MODEL = "cnn"


class RegistryError(Exception):
    """A model cannot be loaded; the message has one line and says what to do."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A loaded model with its name in the API."""

    name: str
    pretrained: Pretrained

    @property
    def classifier(self) -> Classifier:
        """Return the model's classifier."""
        return self.pretrained.classifier


class Registry:
    """Model registry: the loaded models by name, and the default for requests that name none."""

    def __init__(self, models: dict[str, LoadedModel], *, default: str) -> None:
        self.models = models
        self.default = models[default]

    def get(self, name: str | None) -> LoadedModel:
        """Return a model by name, or the default for None.

        Raises: UnknownModelError if no model has this name.
        """
        if name is None:
            return self.default
        if name not in self.models:
            raise UnknownModelError(f"model: expected {' or '.join(self.models)}, got {name!r}")
        return self.models[name]


def load_registry(directory: Path, *, default: str | None = None) -> Registry:
    """Load, verify and self-test all weights files of a directory.

    ``default`` names the default model; None stands for ``cnn``, or for the only model.
    Raises: RegistryError for an invalid file, or if the default model is missing.
    """
    models = {path.stem: _load(path) for path in sorted(directory.glob("*.safetensors"))}
    if default is None:
        default = next(iter(models)) if len(models) == 1 else DEFAULT_MODEL
    if default not in models:
        raise RegistryError(
            f"default model: expected {directory / default}.safetensors, got "
            f"{', '.join(models) or 'no weights file there'}; train one with "
            f"`python -m training fit`, or set DIGITS_WEIGHTS_DIR and DIGITS_DEFAULT_MODEL"
        )
    return Registry(models, default=default)


def _load(path: Path) -> LoadedModel:
    try:
        pretrained = load_weights(path)
        pretrained.self_test()
    except ModelCoreError as error:
        text = str(error) if str(path) in str(error) else f"{path}: {error}"
        raise RegistryError(f"{text}; {_REMEDY}") from error
    version = pretrained.card.preprocessing
    if version != PREPROCESSING_VERSION:
        raise RegistryError(
            f"{path}: expected weights for preprocessing version {PREPROCESSING_VERSION}, "
            f"got {version}; {_REMEDY}"
        )
    return LoadedModel(path.stem, pretrained)


_REMEDY = "train it again with `python -m training fit`, or remove the file"
