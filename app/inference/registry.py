"""The models in memory."""

from dataclasses import dataclass
from pathlib import Path

from app.errors import UnknownModelError
from model_core.classifier import Classifier
from model_core.errors import ModelCoreError
from model_core.preprocessing import PREPROCESSING_VERSION
from model_core.weights import Pretrained, load_weights

# The default among several models, if the settings name none.
DEFAULT_MODEL = "cnn"


class RegistryError(Exception):
    """The models cannot be served; the message says in one line what to do."""


@dataclass(frozen=True, slots=True)
class Model:
    """A loaded model under the name it is served as."""

    name: str
    pretrained: Pretrained

    @property
    def classifier(self) -> Classifier:
        """Return what answers."""
        return self.pretrained.classifier


class Registry:
    """All models by name; one of them answers when a request names none."""

    def __init__(self, models: dict[str, Model], *, default: str) -> None:
        self.models = models
        self.default = models[default]

    def get(self, name: str | None) -> Model:
        """Return a model by name, the default for None.

        Raises: UnknownModelError if there is none of that name.
        """
        if name is None:
            return self.default
        if name not in self.models:
            raise UnknownModelError(f"model: expected {' or '.join(self.models)}, got {name!r}")
        return self.models[name]


def load_registry(directory: Path, *, default: str | None = None) -> Registry:
    """Load, verify and self-test every weights file of a directory.

    ``default`` names the default model; None stands for ``cnn``, or for the only model.
    Raises: RegistryError if one of them is wrong, or there is none, or not the default.
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


def _load(path: Path) -> Model:
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
    return Model(path.stem, pretrained)


_REMEDY = "train it anew with `python -m training fit`, or remove the file"
