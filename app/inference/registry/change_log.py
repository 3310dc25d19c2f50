"""Log and counters of the changes to the models, written by the process that made the change."""

from collections.abc import Callable
from typing import Literal

import structlog

from app.inference.registry.plan import Plan

logger = structlog.get_logger("digitserve")

Outcome = Literal["success", "failure"]
OnLoad = Callable[[Outcome, int], None]


def report_change(cause: str, before: Plan, after: Plan, on_load: OnLoad) -> None:
    """Log what a change has changed, and each new problem; count loaded and refused versions.

    ``cause`` is what the change was made for: start, reload, load or unload.
    """
    old, new = _versions(before), _versions(after)
    added, removed = sorted(new - old), sorted(old - new)
    on_load("success", len(added))
    if before.models != after.models:
        logger.info(
            "models changed",
            cause=cause,
            added=[f"{name}:{version}" for name, version, _ in added],
            removed=[f"{name}:{version}" for name, version, _ in removed],
            served={name: model.stable for name, model in after.models.items()},
        )
    elif cause == "reload":
        logger.info("models unchanged", cause=cause)
    report_problems(before, after, on_load)


def report_problems(before: Plan, after: Plan, on_load: OnLoad) -> None:
    """Log and count the problems that are new."""
    for problem in after.problems:
        if problem not in before.problems:
            on_load("failure", 1)
            logger.error(
                "model refused",
                model=problem.model,
                version=problem.version,
                problem=problem.reason,
            )


def _versions(plan: Plan) -> set[tuple[str, str, str]]:
    return {
        (name, one.version, one.sha256)
        for name, model in plan.models.items()
        for one in model.versions
    }
