"""One training run: from MNIST and a recipe to a classifier and its model card."""

import dataclasses
import os
import platform
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import safetensors

from model_core.architectures import build
from model_core.card import ModelCard
from model_core.classifier import Classifier
from model_core.preprocessing import PREPROCESSING_VERSION
from training.dataset import Dataset, select
from training.errors import RecipeError
from training.evaluation import evaluate
from training.loop import train
from training.mnist import Mnist, data_digest
from training.progress import TrainingProgress
from training.recipes import DIGITS, Recipe

# Counts the generations of shipped weights; a change of recipe or architecture moves it.
MODEL_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Fitted:
    """The outcome of a run; ``train_seconds`` is the time of the training loop alone."""

    classifier: Classifier
    card: ModelCard
    train_seconds: float


def fit(mnist: Mnist, recipe: Recipe, *, title: str, seed: int) -> Fitted:
    """Train a new classifier for the digits 0-4 and evaluate it on the recipe's test images.

    The same data, recipe and seed give the same weights on the same machine.
    Raises: RecipeError for a negative seed.
    """
    if seed < 0:
        raise RecipeError(f"seed: expected 0 or more, got {seed}")
    initialisation, order = np.random.default_rng(seed).spawn(2)
    classifier = build(recipe.architecture, labels=DIGITS, rng=initialisation)
    dataset = select(
        mnist.train_images, mnist.train_labels, digits=DIGITS, per_digit=recipe.train_per_digit
    )
    started = time.perf_counter()
    with TrainingProgress(title, epochs=recipe.epochs, images=len(dataset)) as progress:
        train(classifier, dataset, recipe, rng=order, progress=progress)
    seconds = time.perf_counter() - started
    metrics = evaluate(classifier, held_out(mnist, DIGITS, recipe.test_per_digit))
    card = _card(classifier, recipe, seed=seed, metrics=metrics)
    return Fitted(classifier, card, seconds)


def held_out(mnist: Mnist, digits: tuple[int, ...], per_digit: int | None) -> Dataset:
    """Return the test images of some digits, the first so many of each, or all for None."""
    return select(mnist.test_images, mnist.test_labels, digits=digits, per_digit=per_digit)


def _card(
    classifier: Classifier, recipe: Recipe, *, seed: int, metrics: dict[str, float]
) -> ModelCard:
    return ModelCard(
        architecture=recipe.architecture,
        version=MODEL_VERSION,
        labels=classifier.labels,
        input_shape=classifier.input_shape,
        preprocessing=PREPROCESSING_VERSION,
        recipe=dataclasses.asdict(recipe),
        seed=seed,
        metrics=metrics,
        training_data_sha256=data_digest(),
        created=_today(),
        libraries={
            "python": platform.python_version(),
            "numpy": np.__version__,
            "safetensors": safetensors.__version__,
        },
        history=(),
    )


def _today() -> str:
    """Return the date in UTC, or that of SOURCE_DATE_EPOCH (reproducible-builds.org)."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.now(UTC) if epoch is None else datetime.fromtimestamp(int(epoch), UTC)
    return moment.date().isoformat()
