"""The start of a training run: random weights, or those of a weights file."""

from model_core.abstention import ONLY_BLANK, Abstention
from model_core.architectures import build
from model_core.classifier import Classifier
from model_core.weights import Pretrained
from training.corrections.corrections import Corrections
from training.errors import RecipeError, StartError
from training.fitting.random_streams import Stream, generator
from training.recipes import Recipe


def check_seed_and_recipe(recipe: Recipe, seed: int, corrections: Corrections | None) -> None:
    """Check what a run needs beside the bounds of the recipe's values.

    Raises: RecipeError for a negative seed, or for corrections where there is no reject class.
    """
    if seed < 0:
        raise RecipeError(f"seed: expected 0 or more, got {seed}")
    if corrections is not None and not recipe.others:
        raise RecipeError(f"others: expected more than 0 with corrections, got {recipe.others}")


def initial_classifier(
    recipe: Recipe, digits: tuple[int, ...], seed: int, start: Pretrained | None
) -> Classifier:
    """Return a new classifier, with random weights or those of ``start``.

    Raises: StartError if ``start`` has another architecture, other digits or other classes.
    """
    classifier = build(
        recipe.architecture,
        labels=digits,
        rng=generator(seed, Stream.WEIGHTS),
        abstention=Abstention(not_a_digit=1.0) if recipe.others else ONLY_BLANK,
    )
    if start is not None:
        check_start(start, recipe.architecture, digits)
        _expect("reject class", classifier.class_count, start.classifier.class_count)
        classifier.network.values[...] = start.classifier.network.values
    return classifier


def check_start(start: Pretrained, architecture: str, digits: tuple[int, ...]) -> None:
    """Check that weights fit a run.

    Raises: StartError if they have another architecture or other digits.
    """
    _expect("architecture", architecture, start.card.architecture)
    _expect("digits", digits, start.card.labels)


def _expect(name: str, expected: object, got: object) -> None:
    if got != expected:
        raise StartError(f"weights to start from: {name}: expected {expected}, got {got}")


def origin(start: Pretrained | None, corrections: Corrections | None) -> dict[str, str]:
    """Return the digests of initial weights and corrections that a checkpoint has to match."""
    digests = {} if start is None else {"started_from": start.sha256}
    return digests if corrections is None else digests | {"corrections_sha256": corrections.sha256}
