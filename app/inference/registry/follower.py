"""Follower of the shared plan: loads in this process what the plan says, and switches to it."""

import threading
from collections.abc import Callable
from pathlib import Path

import structlog

from app.inference.registry.directory import WeightsFile
from app.inference.registry.errors import RegistryError
from app.inference.registry.loaded_model import LoadedModel, ModelVersions
from app.inference.registry.loader import load_or_keep
from app.inference.registry.plan import ModelPlan, Plan, VersionPlan
from app.inference.registry.planning import Models
from app.inference.registry.registry import Registry
from app.inference.registry.shared_plan import SharedPlan

logger = structlog.get_logger("digitserve")


class PlanFollower:
    """Follower of the shared plan in one process, the parent or the ``worker`` of that number.

    ``plan`` is the one that it followed last; ``is_diverged`` says that it could not load all of
    it. ``on_switch`` is called after each switch.
    """

    def __init__(self, registry: Registry, shared: SharedPlan, plan: Plan) -> None:
        self.plan = plan
        self.on_switch: Callable[[], None] = lambda: None
        self.lock = threading.RLock()  # between threads of this process
        self._registry = registry
        self._shared = shared
        self._worker: int | None = 0
        self._generation = 0
        self.is_diverged = False

    @property
    def is_behind(self) -> bool:
        """Return whether there is a newer plan."""
        return self._generation != self._shared.generation

    def become(self, worker: int | None) -> None:
        """Follow as the worker of that number, or as the parent for None."""
        self._worker = worker
        self.follow()
        self._note()

    def follow(self) -> None:
        """Load the versions of a newer plan and switch to them; do nothing without one.

        A version that cannot be loaded, because its file has changed since, leaves its model as it
        is, and the log says so.
        """
        with self.lock:
            if self.is_behind:
                generation, plan = self._shared.read()
                models, failed = self._load(plan)
                self.switch(generation, plan, models)
                self.is_diverged = failed

    def switch(self, generation: int, plan: Plan, models: Models) -> None:
        """Serve the models of the plan of that number from now on."""
        with self.lock:
            self._generation, self.plan, self.is_diverged = generation, plan, False
            self._registry.switch(models)
            self._note()
            self.on_switch()

    def _note(self) -> None:
        if self._worker is not None:
            self._shared.note_served(self._worker, self._generation, self._registry.models)

    def _load(self, plan: Plan) -> tuple[Models, bool]:
        """Return the models of a plan, and whether one of them could not be loaded."""
        present, failed = self._registry.models, False
        models: dict[str, ModelVersions] = {}
        for name, wanted in plan.models.items():
            try:
                models[name] = _load_model(name, wanted, present.get(name))
            except RegistryError as error:
                logger.error("plan cannot be followed", model=name, problem=str(error))
                failed = True
                if name in present:
                    models[name] = present[name]
        return models, failed


def _load_model(name: str, plan: ModelPlan, present: ModelVersions | None) -> ModelVersions:
    in_memory = {one.sha256: one for one in present.versions} if present else {}
    versions = [_load_version(name, one, in_memory.get(one.sha256)) for one in plan.versions]
    by_version = {one.version: one for one in versions}
    canary = by_version[plan.canary] if plan.canary else None
    return ModelVersions(tuple(versions), by_version[plan.stable], canary)


def _load_version(name: str, plan: VersionPlan, present: LoadedModel | None) -> LoadedModel:
    """Return the version in memory with the digest of the plan, else load it.

    Raises: RegistryError if its file is invalid or has another digest.
    """
    path = Path(plan.path)
    if present is not None and (present.version, present.path) == (plan.version, path):
        return present
    loaded = load_or_keep(WeightsFile(name, plan.version, path), None)
    if loaded.sha256 != plan.sha256:
        raise RegistryError(f"{path}: expected SHA-256 {plan.sha256}, got {loaded.sha256}")
    return loaded
