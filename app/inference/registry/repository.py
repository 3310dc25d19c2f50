"""Model repository: changes the models of all worker processes while they serve."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import structlog

from app.errors import ModelConflictError, UnknownModelError
from app.inference.registry.change_log import OnLoad, report_change, report_problems
from app.inference.registry.errors import PlanLockError, RegistryError
from app.inference.registry.follower import PlanFollower
from app.inference.registry.loaded_model import ModelVersions
from app.inference.registry.plan import Plan, Unloaded, describe_models
from app.inference.registry.planning import Planned, choose_roles, plan_models
from app.inference.registry.registry import Registry
from app.inference.registry.shared_plan import SharedPlan

logger = structlog.get_logger("digitserve")

# Shortest time between two plans of a process because it could not follow that of another one.
_RECOVERY_SECONDS = 10.0

# Receives the new plan; raises an AppError if it must not be published.
_Check = Callable[[Plan], None]


class ModelRepository:
    """Model repository: the model directory, and the shared plan of what is served from it.

    A change is planned by one process under a lock: it scans the directory, loads, verifies and
    self-tests what is new beside the old versions, and publishes the plan. Every worker follows it.
    ``on_load`` is called with an outcome and the number of versions. All methods block while files
    are loaded.
    """

    def __init__(
        self,
        directory: Path,
        registry: Registry,
        shared: SharedPlan,
        *,
        on_load: OnLoad = lambda *_: None,
    ) -> None:
        self._directory = directory
        self._registry = registry
        self._on_load = on_load
        self.shared = shared
        self._next_recovery = 0.0
        plan = describe_models(registry.models, registry.problems, frozenset(), directory=directory)
        self.follower = PlanFollower(registry, shared, plan)
        self.follower.switch(shared.publish(plan), plan, registry.models)
        report_problems(replace(plan, problems=()), plan, on_load)

    @property
    def plan(self) -> Plan:
        """Return the plan that this process follows."""
        return self.follower.plan

    @property
    def has_work(self) -> bool:
        """Return whether there is a newer plan to follow, or a reload to handle; it is quick."""
        return self.follower.is_behind or self.shared.requested_reload > 0 or self._needs_recovery()

    def work(self) -> None:
        """Handle a reload that was requested, unless another process does; follow the plan.

        A process that cannot load a version of the plan makes one without it.
        """
        if number := self.shared.requested_reload:
            self._handle_reload(number)
        self.follower.follow()
        if self._needs_recovery():
            self._next_recovery = time.monotonic() + _RECOVERY_SECONDS
            with self.shared.lock.hold():
                self._change_locked("recovery", lambda unloaded: unloaded)

    def load(self, name: str, version: str = "") -> int:
        """Load a model, or one version of it, from the directory; it ends an earlier unload.

        Returns the number of the plan.
        Raises: UnknownModelError if the directory has no such file; ModelConflictError if a file
        is invalid: then nothing has changed for its version.
        """
        ended = {(name, version), (name, "")}

        def remaining(unloaded: Unloaded) -> Unloaded:
            return frozenset(
                one for one in unloaded if one not in ended and (version or one[0] != name)
            )

        generation = self._change("load", remaining, only=name)
        self._check_loaded(name, version)
        return generation

    def unload(self, name: str, version: str = "") -> int:
        """Unload a model, or one version of it, until it is loaded again.

        Returns the number of the plan.
        Raises: UnknownModelError if it is not loaded; ModelConflictError for the last version of
        the default model, or if labels.json pins the version.
        """

        def extended(unloaded: Unloaded) -> Unloaded:
            versions = _loaded_versions(self.plan, name)
            if not versions or (version and version not in versions):
                raise _unknown_error(self.plan, name, version)
            added = {version} if version else {"", *versions}
            return unloaded | {(name, one) for one in added}

        def check(after: Plan) -> None:
            remaining = _loaded_versions(after, name)
            if version in remaining or (not version and remaining):
                raise ModelConflictError("; ".join(_reasons(after, name, "")))

        return self._change("unload", extended, only=name, check=check)

    def _needs_recovery(self) -> bool:
        return self.follower.is_diverged and time.monotonic() >= self._next_recovery

    def _handle_reload(self, number: int) -> None:
        try:
            with self.shared.lock.hold(max_wait_seconds=0):
                if self.shared.requested_reload < number:
                    return
                try:
                    self._change_locked("reload", lambda unloaded: unloaded)
                finally:
                    self.shared.note_reload(number)
        except PlanLockError:  # another process handles it
            return
        except RegistryError as error:
            logger.error("models cannot be changed", problem=str(error))

    def _change(
        self,
        cause: str,
        change: Callable[[Unloaded], Unloaded],
        *,
        only: str,
        check: _Check = lambda _: None,
    ) -> int:
        try:
            with self.shared.lock.hold():
                return self._change_locked(cause, change, only=only, check=check)
        except RegistryError as error:
            raise ModelConflictError(str(error)) from error

    def _change_locked(
        self,
        cause: str,
        change: Callable[[Unloaded], Unloaded],
        *,
        only: str | None = None,
        check: _Check = lambda _: None,
    ) -> int:
        """Plan anew, publish the plan if it is another one, and return its number."""
        with self.follower.lock:
            self.follower.follow()
            before = self.plan
            unloaded = change(before.unloaded)
            planned = plan_models(
                self._directory,
                Planned(self._shared_models(before), before.problems),
                default=self._registry.default_name,
                unloaded=unloaded,
                only=only,
                trials=self._registry.trials,
            )
            after = describe_models(
                planned.models, planned.problems, planned.unloaded, directory=self._directory
            )
            check(after)
            if after != before:
                self.follower.switch(self.shared.publish(after), after, planned.models)
            report_change(cause, before, after, self._on_load)
            return self.shared.generation

    def _shared_models(self, plan: Plan) -> dict[str, ModelVersions]:
        """Return the models in memory without the versions that other processes do not have.

        There are such versions if this process could not follow the plan.
        """
        models: dict[str, ModelVersions] = {}
        for name, model in self._registry.models.items():
            versions = plan.models[name].versions if name in plan.models else ()
            planned = {(one.version, one.sha256) for one in versions}
            common = [one for one in model.versions if (one.version, one.sha256) in planned]
            if len(common) == len(model.versions) or name == self._registry.default_name:
                models[name] = model
            elif common:
                models[name] = choose_roles(common, {}, self._registry.trials)
        return models

    def _check_loaded(self, name: str, version: str) -> None:
        every = {one.version for one in self.plan.problems}
        problems = _reasons(self.plan, name, *(["", version] if version else every))
        if problems:
            raise ModelConflictError("; ".join(problems))
        versions = _loaded_versions(self.plan, name)
        if not versions or (version and version not in versions):
            raise _unknown_error(self.plan, name, version)


def _reasons(plan: Plan, name: str, *versions: str) -> list[str]:
    return [one.reason for one in plan.problems if one.model == name and one.version in versions]


def _loaded_versions(plan: Plan, name: str) -> list[str]:
    return [one.version for one in plan.models[name].versions] if name in plan.models else []


def _unknown_error(plan: Plan, name: str, version: str) -> UnknownModelError:
    known = [f"{one}:{v}" for one in plan.models for v in _loaded_versions(plan, one)]
    wanted = f"{name}:{version}" if version else name
    return UnknownModelError(f"model: expected {' or '.join(known)}, got {wanted}")
