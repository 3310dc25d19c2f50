"""The options of ``fit``: checks that need no data, and what they stand for."""

from pathlib import Path

import typer

from model_core.weights import Pretrained
from training.commands.destination import Destination, ModelDirectory, WeightsPath, stored_version
from training.recipes import ModelName, Recipe, default_digits


def check(
    *,
    resume: bool,
    checkpoint: Path | None,
    out: Path | None,
    into: Path | None,
    digits: str | None,
) -> None:
    """Check options that depend on each other.

    Raises: typer.BadParameter.
    """
    if resume and checkpoint is None:
        raise typer.BadParameter("expected --checkpoint DIR with it", param_hint="'--resume'")
    if out and into:
        raise typer.BadParameter("expected no --out with it", param_hint="'--into'")
    if digits:
        parse_digits(digits)


def destination(
    model: ModelName, out: Path | None, into: Path | None, version: int | None, start: Path | None
) -> Destination:
    """Return where the weights go; numbers of versions begin above that of ``start``."""
    above = stored_version(start) if start else 0
    if into:
        return ModelDirectory(into, model, version, above)
    return WeightsPath(out or Path(f"{model}.safetensors"), above)


def digits_of(model: ModelName, digits: str | None, initial: Pretrained | None) -> tuple[int, ...]:
    """Return the digits that are given, else those of the weights to start from, else default."""
    if digits:
        return parse_digits(digits)
    return initial.card.labels if initial else default_digits(model)


def interrupted(place: Destination, checkpoint: Path | None) -> str:
    """Return the line that Ctrl-C prints."""
    again = f"; go on with --checkpoint {checkpoint} --resume" if checkpoint else ""
    return f"interrupted: {place} was not written{again}"


def say_what_is_missing(recipe: Recipe) -> None:
    """Say on standard error which typefaces the recipe would draw with if they were installed."""
    if recipe.others:
        # here, because it imports matplotlib, which the other recipes do not need
        from training.data.typefaces.packages import notice

        if line := notice():
            typer.echo(line, err=True)


def parse_digits(text: str) -> tuple[int, ...]:
    """Parse a list of digits like ``0-4`` or ``1,3,7-9`` into ascending order.

    Raises: typer.BadParameter for fewer than two digits, or anything that is not a digit.
    """
    digits: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not _is_digit(first) or (dash and not _is_digit(last)) or (dash and last < first):
            raise typer.BadParameter(f"expected digits like 0-4 or 1,3,7-9, got {text!r}")
        digits.update(range(int(first), int(last or first) + 1))
    if len(digits) < 2:
        raise typer.BadParameter(f"expected at least two digits to tell apart, got {text!r}")
    return tuple(sorted(digits))


def _is_digit(text: str) -> bool:
    return len(text) == 1 and text in "0123456789"
