"""The command ``fit``: train a model and write its weights file."""

from pathlib import Path
from typing import Annotated, Any

import typer

from model_core.weights import load_weights
from training.commands import acceptance, fit_options
from training.commands.arguments import Data, Json
from training.commands.exit_codes import one_line_errors
from training.commands.recipe_options import with_recipe_options
from training.commands.summary import print_summary, summarise
from training.data.load import load_mnist
from training.fitting.checkpoint import Checkpoint
from training.fitting.fit import fit as fit_model
from training.recipes import ModelName, RecipeName, continue_architecture, get_recipe


@with_recipe_options()
def fit(
    model: Annotated[ModelName, typer.Argument(help="The model to train.")],
    recipe: Annotated[
        RecipeName | None,
        typer.Option(
            help="`notebook`: 2,000 images a digit, SGD, batch 1. `best`: all images except for "
            "the validation images, augmented, AdamW, one-cycle schedule. `fine-tune`: one epoch "
            "of fewer images at a small learning rate. Default: best; with --from, fine-tune.",
            show_default=False,
        ),
    ] = None,
    data: Data = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The weights file to write. Default: MODEL.safetensors.", show_default=False
        ),
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option(
            help="A directory of models, as DIGITS_WEIGHTS_DIR, in place of --out: the weights "
            "become MODEL/VERSION/model.safetensors in it.",
            show_default=False,
        ),
    ] = None,
    also: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FOLDER|DATABASE_URL",
            help="Pictures to learn from, too: FOLDER/<label>/<file>, a label being 0 to 9 or "
            "none, or the feedback in a database, like sqlite:///feedback.db. Can be repeated. "
            "A version that is not proved to be better than the old one is not written; the exit "
            "code is 3 then.",
            show_default=False,
        ),
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="A weights file to start from. Default: random weights.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed and version, same machine: same bytes.")] = 0,
    digits: Annotated[
        str | None,
        typer.Option(
            help="The digits to tell apart, like 0-4 or 1,3,7-9. Default: those of --from, else "
            "0-4 (dnn, cnn), 0-9 (cnn10).",
            show_default=False,
        ),
    ] = None,
    version: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="The model's version. Default: that of the resumed run, else one more than that "
            "of the file at --out and of --from, else 1; with --into, the next free number.",
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
    """Train a model on MNIST's digits, and pictures of your own, and write its weights file."""
    fit_options.check(resume=resume, checkpoint=checkpoint, out=out, into=into, digits=digits)
    place = fit_options.destination(model, out, into, version, start)
    with one_line_errors(fit_options.interrupted(place, checkpoint)):
        initial = load_weights(start) if start else None
        name: RecipeName = recipe or ("fine-tune" if initial else "best")
        chosen = get_recipe(model, name, **changes)
        if initial:
            chosen = continue_architecture(chosen, initial.card.architecture)
        place.check()
        fit_options.say_what_is_missing(chosen)
        kept = Checkpoint(checkpoint, resume=resume) if checkpoint else None
        mnist = load_mnist(data)
        wanted = fit_options.digits_of(model, digits, initial)
        old = acceptance.old_version(place.newest(), initial, model) if also else None
        lesson = acceptance.prepare(also or [], mnist, chosen, wanted, old) if old else None
        result = fit_model(
            mnist,
            chosen,
            title=f"{model}, {name}",
            seed=seed,
            digits=wanted,
            checkpoint=kept,
            version=str(version or (kept and kept.version) or place.next_version()),
            start=initial,
            corrections=lesson.trained if lesson else None,
        )
        card = result.card
        if lesson:
            card = acceptance.accept(result.classifier, card, lesson, mnist, as_json=as_json)
        path, card, sha256 = place.write(result.classifier, card)
    summary = summarise(result.classifier, card, card.metrics, sha256, path)
    summary |= {"train_seconds": round(result.train_seconds, 3), "epochs": chosen.epochs}
    if lesson:
        summary |= {"accepted": True, "corrections": card.corrections}
    print_summary(summary, as_json)
