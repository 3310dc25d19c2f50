"""Plan of the models that all processes serve, as a JSON document."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from app.inference.registry.loaded_model import ModelVersions

# Longest reason of a problem, in characters.
_MAX_REASON = 500

# A model and one of its versions; the empty version stands for the whole model.
Unloaded = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Problem:
    """A version that cannot be loaded, or a model (without ``version``) that cannot be changed."""

    model: str
    version: str
    reason: str


@dataclass(frozen=True, slots=True)
class VersionPlan:
    """A version: its weights file, and the SHA-256 that it must have."""

    version: str
    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """The versions of a model, oldest first, and the roles of two of them."""

    versions: tuple[VersionPlan, ...]
    stable: str
    canary: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The models that all processes serve, by name."""

    models: dict[str, ModelPlan]
    problems: tuple[Problem, ...] = ()
    unloaded: Unloaded = frozenset()

    def to_json(self) -> bytes:
        """Return the plan as JSON."""
        document = asdict(self)
        document["unloaded"] = sorted(self.unloaded)
        return json.dumps(document).encode()

    @classmethod
    def from_json(cls, content: bytes) -> Self:
        """Return the plan of a document that ``to_json`` made."""
        document: dict[str, Any] = json.loads(content)
        return cls(
            {name: _model(one) for name, one in document["models"].items()},
            tuple(Problem(**one) for one in document["problems"]),
            frozenset((name, version) for name, version in document["unloaded"]),
        )


def describe_models(
    models: Mapping[str, ModelVersions],
    problems: Iterable[Problem],
    unloaded: Unloaded,
    *,
    directory: Path,
) -> Plan:
    """Return the plan of models that are loaded.

    Reasons name files relative to the ``directory``: clients read them.
    """
    plans = {
        name: ModelPlan(
            tuple(VersionPlan(one.version, str(one.path), one.sha256) for one in model.versions),
            model.stable.version,
            model.canary.version if model.canary else None,
        )
        for name, model in models.items()
    }
    prefix = f"{directory}{os.sep}"
    shortened = [
        Problem(one.model, one.version, one.reason.replace(prefix, "")[:_MAX_REASON])
        for one in problems
    ]
    return Plan(plans, tuple(shortened), unloaded)


def _model(document: dict[str, Any]) -> ModelPlan:
    versions = tuple(VersionPlan(**one) for one in document["versions"])
    return ModelPlan(versions, document["stable"], document["canary"])
