"""The command ``fit``: train a model and write its weights file."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from model_core.errors import ModelCoreError
from model_core.weights import load_weights, save_weights
from training.commands.arguments import Data, Json
from training.commands.exit_codes import one_line_errors
from training.commands.recipe_options import with_recipe_options
from training.commands.summary import print_summary, summarise
from training.data.load import load_mnist
from training.errors import OutputError
from training.fitting.checkpoint import Checkpoint
from training.fitting.fit import fit as fit_model
from training.recipes import ModelName, Recipe, RecipeName, default_digits, get_recipe


@with_recipe_options()
def fit(
    model: Annotated[ModelName, typer.Argument(help="The model to train.")],
    recipe: Annotated[
        RecipeName,
        typer.Option(
            help="`notebook`: 2,000 images a digit, SGD, batch 1. `best`: all images except for "
            "the validation images, augmented, AdamW, one-cycle schedule."
        ),
    ] = "best",
    data: Data = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The weights file to write. Default: MODEL.safetensors.", show_default=False
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed and version, same machine: same bytes.")] = 0,
    digits: Annotated[
        str | None,
        typer.Option(
            help="The digits to tell apart, like 0-4 or 1,3,7-9. Default: 0-4 (dnn, cnn), "
            "0-9 (cnn10).",
            show_default=False,
        ),
    ] = None,
    version: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="The model's version. Default: that of the resumed run, else one more than that "
            "of the file at --out, else 1.",
            show_default=False,
        ),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            help="Directory for a checkpoint after every epoch, and at Ctrl-C.",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Resume from the checkpoint, if there is one.")
    ] = False,
    as_json: Json = False,
    **changes: Any,
) -> None:
    """Train a model on MNIST's digits and write its weights file."""
    path = out or Path(f"{model}.safetensors")
    wanted = parse_digits(digits) if digits else default_digits(model)
    if resume and checkpoint is None:
        raise typer.BadParameter("expected --checkpoint DIR with it", param_hint="'--resume'")
    with one_line_errors(_interrupted(path, checkpoint)):
        chosen = get_recipe(model, recipe, **changes)
        _check_writable(path)
        _say_what_is_missing(chosen)
        kept = Checkpoint(checkpoint, resume=resume) if checkpoint else None
        title = f"{model}, {recipe}"
        mnist = load_mnist(data)
        result = fit_model(
            mnist,
            chosen,
            title=title,
            seed=seed,
            digits=wanted,
            checkpoint=kept,
            version=str(version or (kept and kept.version) or next_version(path)),
        )
        sha256 = save_weights(path, result.classifier, result.card)
    summary = summarise(result.classifier, result.card, result.card.metrics, sha256, path)
    summary |= {"train_seconds": round(result.train_seconds, 3), "epochs": chosen.epochs}
    print_summary(summary, as_json)


def next_version(path: Path) -> int:
    """Return one more than the version of the weights file at ``path``, or 1 without one."""
    try:
        return int(load_weights(path).card.version) + 1
    except (ModelCoreError, ValueError):
        return 1


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


def _interrupted(path: Path, checkpoint: Path | None) -> str:
    again = f"; go on with --checkpoint {checkpoint} --resume" if checkpoint else ""
    return f"interrupted: {path} was not written{again}"


def _check_writable(path: Path) -> None:
    """Refuse an output path that cannot be written, before hours of training rather than after."""
    directory = path.parent
    if path.is_dir() or not directory.is_dir() or not os.access(directory, os.W_OK):
        raise OutputError(f"--out {path}: expected a file in a directory that can be written")


def _say_what_is_missing(recipe: Recipe) -> None:
    """Say on standard error which typefaces the recipe would draw with if they were installed."""
    if recipe.others:
        # here, because it imports matplotlib, which the other recipes do not need
        from training.data.typefaces.packages import notice

        if line := notice():
            typer.echo(line, err=True)
