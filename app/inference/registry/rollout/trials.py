"""Versions on trial by the settings: the canary and the shadow of a model."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.inference.registry.errors import RegistryError
from app.inference.registry.loaded_model import LoadedModel, ModelVersions
from app.setting_types import VersionShare


@dataclass(frozen=True, slots=True)
class Trials:
    """Settings DIGITS_CANARY and DIGITS_SHADOW: a version on trial is not the stable one."""

    canary: VersionShare | None = None
    shadow: VersionShare | None = None

    def choose_roles(
        self, versions: tuple[LoadedModel, ...], labels: Mapping[str, str]
    ) -> ModelVersions:
        """Return a model with its roles; ``versions`` are oldest first, ``labels`` those pinned.

        The canary is that of the setting, else the pinned one. The stable version is the pinned
        one, else the highest that is not on trial.
        """
        name = versions[0].name
        by_version = {one.version: one for one in versions}
        canary = _version_of(self.canary, name) or labels.get("canary")
        on_trial = {canary, _version_of(self.shadow, name)}
        settled = [one for one in versions if one.version not in on_trial]
        stable = by_version.get(labels.get("stable", ""), (settled or versions)[-1])
        return ModelVersions(versions, stable, by_version.get(canary or ""))

    def check(self, models: Mapping[str, ModelVersions]) -> None:
        """Check, at the start, that the versions on trial are loaded.

        Raises: RegistryError if one is not.
        """
        for variable, trial in (("DIGITS_CANARY", self.canary), ("DIGITS_SHADOW", self.shadow)):
            if trial is None:
                continue
            model = models.get(trial.model)
            if model is None:
                known, got = f"one of the models {', '.join(models)}", trial.model
            elif model.find(trial.version) is None:
                versions = ", ".join(one.version for one in model.versions)
                known, got = f"one of the versions of {trial.model}, {versions}", trial.version
            else:
                continue
            raise RegistryError(f"{variable}: expected {known}, got {got}")


NO_TRIALS = Trials()


def _version_of(trial: VersionShare | None, name: str) -> str | None:
    """Return the version on trial, if it is one of the model of that name."""
    return trial.version if trial is not None and trial.model == name else None
