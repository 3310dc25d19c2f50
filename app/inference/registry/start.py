"""Loading of all models at the start of the service."""

from pathlib import Path

from app.inference.registry.directory import scan
from app.inference.registry.errors import RegistryError
from app.inference.registry.planning import Planned, plan_models
from app.inference.registry.registry import Registry
from app.inference.registry.rollout.trials import NO_TRIALS, Trials

# The default of several models if the settings name none.
DEFAULT_MODEL = "cnn"


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
