"""Model registry: the loaded models by name and version."""

from collections.abc import Mapping

from app.errors import UnknownModelError
from app.inference.registry.loaded_model import LoadedModel, ModelVersions
from app.inference.registry.plan import Problem
from app.inference.registry.rollout.canary import Canary
from app.inference.registry.rollout.trials import NO_TRIALS, Trials


class Registry:
    """Model registry: one reference to an immutable mapping, which ``switch`` replaces at once.

    ``models`` are in alphabetical order of their names. ``default_name`` is the model of requests
    that name none; it always has a version. ``problems``
    are those of the files from which the models were loaded at the start, ``trials`` the versions
    on trial by the settings.
    """

    def __init__(
        self,
        models: Mapping[str, ModelVersions],
        *,
        default: str,
        problems: tuple[Problem, ...] = (),
        trials: Trials = NO_TRIALS,
    ) -> None:
        self.default_name = default
        self.problems = problems
        self.trials = trials
        self._canary = Canary(trials.canary) if trials.canary else None
        self.models = models

    @property
    def default(self) -> LoadedModel:
        """Return the version that the default model serves."""
        return self.models[self.default_name].stable

    def switch(self, models: Mapping[str, ModelVersions]) -> None:
        """Replace all models at once; requests under way keep the versions that they hold."""
        self.models = models

    def get(
        self,
        name: str | None,
        version: str | None = None,
        request_id: str = "",
    ) -> LoadedModel:
        """Return a version of a model; None stands for the default model and its served version.

        ``version`` is a number as text, ``stable`` or ``canary``. Of the requests that name none,
        the canary answers its share, chosen by ``request_id``.
        Raises: UnknownModelError if there is no such model or version.
        """
        models = self.models
        found = models.get(self.default_name if name is None else name)
        if found is None:
            raise UnknownModelError(f"model: expected {' or '.join(models)}, got {name!r}")
        if version is None:
            canary = self._canary
            return found.stable if canary is None else canary.choose(found, request_id)
        return found.find(version) or _refuse(found, version)

    def versions(self, name: str) -> tuple[LoadedModel, ...]:
        """Return all loaded versions of a model, oldest first.

        Raises: UnknownModelError if no model has this name.
        """
        models = self.models
        if name not in models:
            raise UnknownModelError(f"model: expected {' or '.join(models)}, got {name!r}")
        return models[name].versions


def _refuse(model: ModelVersions, version: str) -> LoadedModel:
    """Raise UnknownModelError for a version; its message has the known versions."""
    known = [one.version for one in model.versions]
    roles = ["stable", *(["canary"] if model.canary else [])]
    raise UnknownModelError(
        f"version of {model.stable.name}: expected {' or '.join([*known, *roles])}, got {version!r}"
    )
