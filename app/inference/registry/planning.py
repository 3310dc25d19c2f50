"""Planning: which versions of the model directory are served, beside those in memory.

A file that is invalid changes nothing: a version that was loaded from it stays in memory.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from app.inference.registry.directory import WeightsFile, read_labels, scan
from app.inference.registry.errors import RegistryError
from app.inference.registry.loaded_model import LoadedModel, ModelVersions, version_order
from app.inference.registry.loader import load_or_keep
from app.inference.registry.plan import Problem, Unloaded
from app.inference.registry.rollout.trials import NO_TRIALS, Trials

Models = Mapping[str, ModelVersions]


class Planned(NamedTuple):
    """The models after a scan of the directory, by name, and the problems of the files.

    ``unloaded`` are the versions that are left out although there are files of them.
    """

    models: dict[str, ModelVersions]
    problems: tuple[Problem, ...] = ()
    unloaded: Unloaded = frozenset()


def plan_models(
    directory: Path,
    present: Planned,
    *,
    default: str = "",
    unloaded: Unloaded = frozenset(),
    only: str | None = None,
    trials: Trials = NO_TRIALS,
) -> Planned:
    """Scan the directory, load what is new, and return the models to serve.

    ``only`` is the one model that may change; None: all. The ``default`` model is never removed.
    """
    try:
        files = scan(directory)
        if present.models and not files:
            raise RegistryError(f"{directory}: expected weights files, got none")
    except RegistryError as error:
        return Planned(dict(present.models), (Problem("", "", str(error)),), unloaded)
    models, problems = {}, [one for one in present.problems if only not in (None, one.model)]
    for name in sorted({*files, *present.models}):
        before = present.models.get(name)
        after = before
        if only in (None, name):
            file_list = files.get(name, [])
            after, found = _plan_model(directory, name, file_list, before, unloaded, trials)
            problems += found
        if after is None and name == default and before is not None:
            problems.append(Problem(name, "", "default model: expected a version, got none"))
            after = before
        if after is not None:
            models[name] = after
    return Planned(models, tuple(problems), _still_there(unloaded, files))


def _still_there(unloaded: Unloaded, files: Mapping[str, list[WeightsFile]]) -> Unloaded:
    """Return the unloaded versions whose files may still be there; removing one ends its unload."""
    versions = {name: {file.version for file in some} for name, some in files.items()}
    return frozenset(
        (name, version)
        for name, version in unloaded
        if name in versions and ({version, None} & versions[name] or not version)
    )


def _plan_model(
    directory: Path,
    name: str,
    files: list[WeightsFile],
    present: ModelVersions | None,
    unloaded: Unloaded,
    trials: Trials,
) -> tuple[ModelVersions | None, list[Problem]]:
    """Return the versions of a model after the scan, None if there is none, and its problems."""
    if (name, "") in unloaded:
        return None, []
    wanted = [file for file in files if (name, file.version) not in unloaded]
    loaded, problems = _load_all(wanted, present)
    loaded = [one for one in loaded if (name, one.version) not in unloaded]
    if not loaded:
        return None, problems
    try:
        labels = read_labels(directory, name)
        return choose_roles(loaded, labels, trials), problems
    except RegistryError as error:
        return present, [*problems, Problem(name, "", str(error))]


def _load_all(
    files: Iterable[WeightsFile], present: ModelVersions | None
) -> tuple[list[LoadedModel], list[Problem]]:
    """Load the files of a model; one that is invalid leaves the version that is in memory."""
    loaded: dict[str, LoadedModel] = {}
    problems: list[Problem] = []
    by_path = {one.path: one for one in present.versions} if present else {}
    for file in files:
        one = by_path.get(file.path)
        try:
            one = load_or_keep(file, one)
        except RegistryError as error:
            version = file.version or (one.version if one else "")
            problems.append(Problem(file.name, version, str(error)))
        if one is not None and one.version in loaded:
            other = loaded[one.version].path
            text = f"{one.path}: expected another version than {other}, got the same"
            problems.append(Problem(one.name, one.version, text))
        elif one is not None:
            loaded[one.version] = one
    return list(loaded.values()), problems


def choose_roles(
    loaded: Iterable[LoadedModel], labels: Mapping[str, str], trials: Trials
) -> ModelVersions:
    """Return the versions of a model, with the roles that the labels and the settings give them.

    Raises: RegistryError if a label names a version that is not loaded.
    """
    versions = tuple(sorted(loaded, key=lambda one: version_order(one.version)))
    by_version = {one.version: one for one in versions}
    for role, version in labels.items():
        if version not in by_version:
            raise RegistryError(
                f"labels.json of {versions[0].name}: {role}: expected one of "
                f"{', '.join(by_version)}, got {version}"
            )
    return trials.choose_roles(versions, labels)
