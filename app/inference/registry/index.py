"""Index of the model repository: every version with its state."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from app.inference.registry.loaded_model import version_order
from app.inference.registry.plan import ModelPlan, Plan

State = Literal["READY", "UNAVAILABLE"]
Role = Literal["stable", "canary", "none"]

_UNLOADED = "unloaded; load it again to serve it"


class IndexEntry(NamedTuple):
    """A version of a model; ``reason`` says what is wrong with its file, or why it is not loaded.

    A version in memory whose file has become invalid is READY, and has a reason.
    """

    name: str
    version: str
    state: State
    reason: str
    role: Role
    sha256: str


def index_entries(plan: Plan, name: str) -> list[IndexEntry]:
    """Return the versions of a model: the served one first, then the others, newest first."""
    loaded = list(_loaded(plan, name, plan.models[name])) if name in plan.models else []
    there = {one.version for one in loaded}
    others = [entry for entry in _unavailable(plan, name) if entry.version not in there]
    entries = sorted([*loaded, *others], key=lambda one: version_order(one.version), reverse=True)
    return sorted(entries, key=lambda one: one.role != "stable")


def model_names(plan: Plan, default: str) -> list[str]:
    """Return the names of all models, loaded or not; the default first."""
    names = {*plan.models, *(one.model for one in plan.problems), *(n for n, _ in plan.unloaded)}
    return sorted(names - {""}, key=lambda name: (name != default, name))


def _loaded(plan: Plan, name: str, model: ModelPlan) -> Iterator[IndexEntry]:
    for one in model.versions:
        stable = one.version == model.stable
        role: Role = "stable" if stable else "canary" if one.version == model.canary else "none"
        wrong = {(name, one.version), *({(name, ""), ("", "")} if stable else ())}
        reasons = [each.reason for each in plan.problems if (each.model, each.version) in wrong]
        yield IndexEntry(name, one.version, "READY", "; ".join(reasons), role, one.sha256)


def _unavailable(plan: Plan, name: str) -> Iterator[IndexEntry]:
    for problem in plan.problems:
        if problem.model == name and (problem.version or name not in plan.models):
            yield IndexEntry(name, problem.version, "UNAVAILABLE", problem.reason, "none", "")
    for model, version in plan.unloaded:
        if model == name and version:
            yield IndexEntry(name, version, "UNAVAILABLE", _UNLOADED, "none", "")
