"""Acceptance of trained weights by ``fit --also``: the old version, the proof, the card."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import typer

from model_core.classifier import Classifier
from model_core.model_card import ModelCard
from model_core.weights import Pretrained, load_weights, pretrained_dir
from training.acceptance.mistakes import mistakes
from training.acceptance.proof import FEWEST_MISTAKES, prove
from training.corrections.corrections import Corrections
from training.data.mnist import Mnist
from training.errors import NotAcceptedError, StartError
from training.fitting.progress import working
from training.recipes import Recipe


@dataclasses.dataclass(frozen=True, slots=True)
class Lesson:
    """What a version learns from: corrections in two parts, and the version to be better than."""

    all: Corrections
    trained: Corrections
    held_back: Corrections
    old: Pretrained


def prepare(
    sources: list[str], mnist: Mnist, recipe: Recipe, digits: tuple[int, ...], old: Pretrained
) -> Lesson:
    """Read corrections, and check before the training that an improvement can be proved.

    Raises: CorrectionsError; StartError if the old version has other digits; NotAcceptedError if
    it makes too few mistakes on the corrections that are held back.
    """
    if old.card.labels != digits:
        raise StartError(f"old version: expected the digits {digits}, got {old.card.labels}")
    # here, because it imports the service's preprocessing, which other runs do not need
    from training.corrections.sources import read_corrections

    collected = read_corrections(sources, mnist.test_images)
    for notice in collected.notices:
        typer.echo(notice, err=True)
    trained, held_back = collected.corrections.split(recipe.held_back)
    typer.echo(
        f"{len(collected.corrections)} corrections: {len(trained)} to train on, "
        f"{len(held_back)} held back",
        err=True,
    )
    wrong = int(mistakes(old.classifier, held_back).sum())
    if wrong < FEWEST_MISTAKES:
        raise NotAcceptedError(
            f"expected at least {FEWEST_MISTAKES} mistakes of version {old.card.version} on the "
            f"{len(held_back)} corrections held back, without which no improvement can be proved, "
            f"got {wrong}"
        )
    return Lesson(collected.corrections, trained, held_back, old)


def old_version(newest: Path | None, start: Pretrained | None, model: str) -> Pretrained:
    """Return the version to be better than.

    It is the newest one at the destination, else the one to start from, else the shipped one.
    """
    if newest is not None:
        return load_weights(newest)
    return start or load_weights(pretrained_dir() / f"{model}.safetensors")


def accept(
    classifier: Classifier, card: ModelCard, lesson: Lesson, mnist: Mnist, *, as_json: bool
) -> ModelCard:
    """Compare a trained version with the old one; return its card with the comparison.

    Raises: NotAcceptedError if a measurement speaks against the new version.
    """
    with working("comparing with the old version"):
        proof = prove(lesson.old.classifier, classifier, mnist, lesson.held_back, seed=card.seed)
    objections, facts = proof.objections, _facts(lesson) | proof.to_dict()
    if not as_json:
        typer.echo("\n".join(proof.lines()))
    elif objections:
        typer.echo(json.dumps({"accepted": False, "reasons": objections, "corrections": facts}))
    if objections:
        raise NotAcceptedError("; ".join(objections))
    return dataclasses.replace(card, corrections=facts)


def _facts(lesson: Lesson) -> dict[str, Any]:
    """Return what was trained on beside MNIST: counts and a digest, no pictures."""
    return {
        "pictures": len(lesson.all),
        "by_label": lesson.all.counts,
        "sha256": lesson.all.sha256,
        "trained_on": len(lesson.trained),
        "old_version": lesson.old.card.version,
        "old_sha256": lesson.old.sha256,
    }
