"""Loading of all models at the start of the service, or of one model."""

from pathlib import Path

from app.errors import UnknownModelError
from app.inference.registry.directory import WeightsFile, scan
from app.inference.registry.errors import RegistryError
from app.inference.registry.loaded_model import ModelVersions
from app.inference.registry.loader import load_or_keep
from app.inference.registry.planning import Planned, plan_models
from app.inference.registry.registry import Registry
from app.inference.registry.rollout.trials import NO_TRIALS, Trials

# The default of several models if the settings name none.
DEFAULT_MODEL = "cnn"

SUFFIX = ".safetensors"


def load_registry(
    directory: Path, *, default: str | None = None, trials: Trials = NO_TRIALS
) -> Registry:
    """Load, verify and self-test all weights files of a directory.

    ``default`` names the default model; None stands for ``cnn``, or for the only model. An invalid
    version is left out if its model has another one, and is one of the registry's problems.
    Raises: RegistryError if a model has no valid version, or if the default model, or a version of
    ``trials``, is missing.
    """
    files = scan(directory)
    planned = plan_models(directory, Planned({}), trials=trials)
    for problem in planned.problems:
        if problem.model not in planned.models:
            raise RegistryError(problem.reason)
    if default is None:
        default = next(iter(files)) if len(files) == 1 else DEFAULT_MODEL
    if default not in planned.models:
        raise RegistryError(
            f"default model: expected {directory / default}.safetensors, got "
            f"{', '.join(planned.models) or 'no weights file there'}; train one with "
            f"`python -m training fit`, or set DIGITS_WEIGHTS_DIR and DIGITS_DEFAULT_MODEL"
        )
    trials.check(planned.models)
    return Registry(planned.models, default=default, problems=planned.problems, trials=trials)


def load_single(directory: Path, name: str) -> Registry:
    """Load one model of a directory, or a weights file; it is the default of the registry.

    ``name`` is that of a model, or the path of a file that ends with ``.safetensors``.
    Raises: UnknownModelError if no model has this name; RegistryError for an invalid file.
    """
    if name.endswith(SUFFIX):
        path = Path(name)
        model = load_or_keep(WeightsFile(path.stem, None, path), None)
        return Registry({path.stem: ModelVersions((model,), model)}, default=path.stem)
    known = scan(directory)
    if name not in known:
        raise UnknownModelError(f"model: expected {' or '.join(known)}, got {name!r}")
    planned = plan_models(directory, Planned({}), only=name)
    if name not in planned.models:
        raise RegistryError(planned.problems[0].reason)
    return Registry(planned.models, default=name, problems=planned.problems)
