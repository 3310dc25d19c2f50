"""Loaded model versions: a version in memory, and all versions of one model."""

from dataclasses import dataclass, field
from pathlib import Path

from app.inference.batcher import MicroBatcher
from model_core.classifier import Classifier
from model_core.weights import Pretrained


@dataclass(frozen=True, slots=True, eq=False)
class LoadedModel:
    """A loaded version of a model, with its own micro-batcher.

    A request holds it from its header to its response: it finishes on the version that it began
    with, and an old version is freed after its last request. ``path`` is the weights file;
    ``reference`` and ``label_names`` are the parts of an answer that do not change.
    """

    name: str
    version: str
    pretrained: Pretrained
    batcher: MicroBatcher
    path: Path = Path()
    reference: dict[str, str] = field(init=False)
    label_names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        reference = {
            "name": self.name,
            "version": self.version,
            "sha256": self.sha256,
            "preprocessing": self.pretrained.card.preprocessing,
        }
        object.__setattr__(self, "reference", reference)
        object.__setattr__(self, "label_names", tuple(map(str, self.classifier.labels)))

    @property
    def classifier(self) -> Classifier:
        """Return the version's classifier."""
        return self.pretrained.classifier

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the weights file, in hex."""
        return self.pretrained.sha256


@dataclass(frozen=True, slots=True)
class ModelVersions:
    """The loaded versions of a model, oldest first, and the roles of two of them.

    ``stable`` is served to requests that name no version, ``canary`` to those that ask for it.
    """

    versions: tuple[LoadedModel, ...]
    stable: LoadedModel
    canary: LoadedModel | None = None

    def find(self, version: str) -> LoadedModel | None:
        """Return a version by its number or by its role, or None."""
        if version == "stable":
            return self.stable
        if version == "canary":
            return self.canary
        return next((one for one in self.versions if one.version == version), None)

    def role(self, model: LoadedModel) -> str:
        """Return the role of one of the versions: stable, canary, or none."""
        if model is self.stable:
            return "stable"
        return "canary" if model is self.canary else "none"


def version_order(version: str) -> tuple[int, str]:
    """Return the sort key of a version: numbers by value, after all other texts."""
    return (int(version), "") if version.isdecimal() else (-1, version)
