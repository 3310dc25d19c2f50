"""The command line: train a model, evaluate a weights file, fetch the data."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from model_core.errors import ModelCoreError
from model_core.weights import load_weights, save_weights
from training.commands import options
from training.commands.summary import print_summary, summarise
from training.data.load import load_mnist
from training.data.mnist import data_directory
from training.errors import OutputError, TrainingError
from training.fitting.checkpoint import Checkpoint
from training.fitting.evaluation import held_out_metrics
from training.fitting.fit import fit as fit_model
from training.model_card import render_card
from training.recipes import ModelName, RecipeName, get_recipe

application = typer.Typer(
    help="Train digit classifiers on MNIST, evaluate them, fetch the data.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        help="Directory of the four MNIST files, gzipped or not; what is missing is fetched. "
        "Default: DIGITS_DATA, else the user's cache directory.",
        show_default=False,
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help="Make the last line of standard output one JSON object.")
]
WeightsFile = Annotated[Path, typer.Argument(metavar="FILE", help="A weights file.")]


@application.command()
def fit(
    model: Annotated[ModelName, typer.Argument(help="What to train.")],
    recipe: Annotated[
        RecipeName,
        typer.Option(
            help="`notebook`: 2,000 images a digit, SGD, batch 1. "
            "`best`: all images but those watched, augmented, AdamW, one-cycle schedule."
        ),
    ] = "best",
    data: Data = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The weights file to write. Default: MODEL.safetensors.", show_default=False
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same machine: same bytes.")] = 0,
    digits: Annotated[
        str, typer.Option(help="The digits to tell apart, like 0-4 or 1,3,7-9.")
    ] = "0-4",
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            help="Directory for a checkpoint after every epoch, and at Ctrl-C.",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the checkpoint, if there is one.")
    ] = False,
    as_json: Json = False,
    optimizer: options.Optimizer = None,
    schedule: options.Schedule = None,
    learning_rate: options.LearningRate = None,
    momentum: options.Momentum = None,
    weight_decay: options.WeightDecay = None,
    epochs: options.Epochs = None,
    batch_size: options.BatchSize = None,
    average: options.Average = None,
    rotation: options.Rotation = None,
    scale: options.Scale = None,
    shear: options.Shear = None,
    shift: options.Shift = None,
    stroke: options.Stroke = None,
    elastic: options.Elastic = None,
    pens: options.Pens = None,
    flagged_ones: options.FlaggedOnes = None,
    clutter: options.Clutter = None,
    others: options.Others = None,
    train_per_digit: options.TrainPerDigit = None,
    validation_per_digit: options.ValidationPerDigit = None,
    test_per_digit: options.TestPerDigit = None,
) -> None:
    """Train a model on MNIST's digits and write its weights file."""
    path = out or Path(f"{model}.safetensors")
    changes = {
        "optimizer": optimizer,
        "schedule": schedule,
        "learning_rate": learning_rate,
        "momentum": momentum,
        "weight_decay": weight_decay,
        "epochs": epochs,
        "batch_size": batch_size,
        "average": average,
        "rotation": rotation,
        "scale": scale,
        "shear": shear,
        "shift": shift,
        "stroke": stroke,
        "elastic": elastic,
        "pens": pens,
        "flagged_ones": flagged_ones,
        "clutter": clutter,
        "others": others,
        "train_per_digit": train_per_digit,
        "validation_per_digit": validation_per_digit,
        "test_per_digit": test_per_digit,
    }
    wanted = options.parse_digits(digits)
    if resume and checkpoint is None:
        raise typer.BadParameter("expected --checkpoint DIR with it", param_hint="'--resume'")
    with plain_errors(_interrupted(path, checkpoint)):
        chosen = get_recipe(model, recipe, **changes)
        _check_writable(path)
        kept = Checkpoint(checkpoint, resume=resume) if checkpoint else None
        fitted = fit_model(
            load_mnist(data),
            chosen,
            title=f"{model}, {recipe}",
            seed=seed,
            digits=wanted,
            checkpoint=kept,
        )
        sha256 = save_weights(path, fitted.classifier, fitted.card)
    result = summarise(fitted.classifier, fitted.card, fitted.card.metrics, sha256, path)
    result |= {"train_seconds": round(fitted.train_seconds, 3), "epochs": chosen.epochs}
    print_summary(result, as_json)


@application.command()
def evaluate(file: WeightsFile, data: Data = None, as_json: Json = False) -> None:
    """Measure a weights file on the test images that its recipe holds out."""
    with plain_errors("interrupted"):
        pretrained = load_weights(file)
        per_digit = pretrained.card.recipe.get("test_per_digit")
        metrics = held_out_metrics(pretrained.classifier, load_mnist(data), per_digit)
    result = summarise(pretrained.classifier, pretrained.card, metrics, pretrained.sha256, file)
    print_summary(result, as_json)


@application.command()
def data(data: Data = None) -> None:
    """Fetch MNIST where it is missing, and verify it."""
    with plain_errors("interrupted: run the command again to fetch what is missing"):
        mnist = load_mnist(data)
        where = data_directory(data)
    typer.echo(f"{where}: {len(mnist.train_images):,} training and", nl=False)
    typer.echo(f" {len(mnist.test_images):,} test images, complete and verified")


@application.command()
def card(file: WeightsFile) -> None:
    """Print the model card of a weights file, in Markdown."""
    with plain_errors("interrupted"):
        pretrained = load_weights(file)
    typer.echo(render_card(file.stem, pretrained), nl=False)


@application.command()
def compare(
    data: Data = None,
    repeat: Annotated[
        int | None,
        typer.Option(help="Epochs of each system. Default: the recipe's 10.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Directory for comparison.md and comparison.png. Default: only print.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Train the notebook's networks here, in PyTorch, Keras and JAX, by turns, and compare."""
    from training.compare.command import run_comparison

    with plain_errors("interrupted: nothing was written"):
        run_comparison(data, repeat=repeat, out=out, as_json=as_json)


@contextmanager
def plain_errors(interrupted: str) -> Iterator[None]:
    """Turn what a user can cause into one line on standard error and an exit code."""
    try:
        yield
    except (TrainingError, ModelCoreError) as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        typer.echo(interrupted, err=True)
        sys.exit(130)


def _interrupted(path: Path, checkpoint: Path | None) -> str:
    again = f"; go on with --checkpoint {checkpoint} --resume" if checkpoint else ""
    return f"interrupted: {path} was not written{again}"


def _check_writable(path: Path) -> None:
    """Refuse an output that could not be written, before hours of training rather than after."""
    directory = path.parent
    if path.is_dir() or not directory.is_dir() or not os.access(directory, os.W_OK):
        raise OutputError(f"--out {path}: expected a file in a directory that can be written")
