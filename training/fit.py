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
from training.checkpoint import Checkpoint
from training.dataset import Dataset, select
from training.errors import RecipeError
from training.evaluation import evaluate
from training.interruption import Interruption
from training.loop import Run, State
from training.mnist import Mnist, data_digest
from training.progress import TrainingProgress
from training.recipes import DIGITS, Recipe

# Counts the generations of shipped weights; a change of recipe or architecture moves it.
MODEL_VERSION = "2"


@dataclass(frozen=True, slots=True)
class Fitted:
    """The outcome of a run; ``train_seconds`` is the time of the training loop alone."""

    classifier: Classifier
    card: ModelCard
    train_seconds: float


def fit(
    mnist: Mnist,
    recipe: Recipe,
    *,
    title: str,
    seed: int,
    digits: tuple[int, ...] = DIGITS,
    checkpoint: Checkpoint | None = None,
) -> Fitted:
    """Train a new classifier for some digits and evaluate it on the recipe's test images.

    The same data, recipe, digits and seed give the same weights on the same machine, however often
    the run was stopped and resumed.
    Raises: RecipeError for a negative seed; CheckpointError; NonFiniteLossError.
    """
    run = _new_run(mnist, recipe, seed=seed, digits=digits)
    if checkpoint:
        checkpoint.restore(run)
    started = time.perf_counter()
    _train(run, title, checkpoint)
    seconds = time.perf_counter() - started
    metrics = evaluate(run.classifier, held_out(mnist, digits, recipe.test_per_digit))
    return Fitted(run.classifier, _card(run, metrics), seconds)


def held_out(mnist: Mnist, digits: tuple[int, ...], per_digit: int | None) -> Dataset:
    """Return the test images of some digits, the first so many of each, or all for None."""
    part = slice(0, per_digit)
    return select(mnist.test_images, mnist.test_labels, digits=digits, part=part).seen()


def _new_run(mnist: Mnist, recipe: Recipe, *, seed: int, digits: tuple[int, ...]) -> Run:
    if seed < 0:
        raise RecipeError(f"seed: expected 0 or more, got {seed}")
    initialisation = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,)))
    classifier = build(recipe.architecture, labels=digits, rng=initialisation)
    images, labels = mnist.train_images, mnist.train_labels
    chosen = select(images, labels, digits=digits, part=recipe.train_part)
    validation = None
    if recipe.validation_per_digit:
        last = slice(-recipe.validation_per_digit, None)
        validation = select(images, labels, digits=digits, part=last).seen()
    examples = chosen.augmented(recipe.augmentation)
    return Run(classifier, examples, recipe, seed=seed, validation=validation)


def _train(run: Run, title: str, checkpoint: Checkpoint | None) -> None:
    """Train to the end, with progress, and with a checkpoint after every epoch and at Ctrl-C."""
    epochs, images = run.recipe.epochs, len(run.examples)
    progress = TrainingProgress(title, epochs=epochs, images=images, state=run.state)
    if checkpoint is None:
        with progress:
            run.train(progress.update)
        return
    with progress, Interruption() as interruption:

        def after_block(state: State) -> None:
            progress.update(state)
            if interruption.wanted or not state.images:
                checkpoint.save(run)
            if interruption.wanted:
                raise KeyboardInterrupt

        run.train(after_block)


def _card(run: Run, metrics: dict[str, float]) -> ModelCard:
    return ModelCard(
        architecture=run.recipe.architecture,
        version=MODEL_VERSION,
        labels=run.classifier.labels,
        input_shape=run.classifier.input_shape,
        preprocessing=PREPROCESSING_VERSION,
        recipe=dataclasses.asdict(run.recipe),
        seed=run.seed,
        metrics=metrics,
        history=tuple(run.state.history),
        training_data_sha256=data_digest(),
        created=_today(),
        libraries={
            "python": platform.python_version(),
            "numpy": np.__version__,
            "safetensors": safetensors.__version__,
        },
    )


def _today() -> str:
    """Return the date in UTC, or that of SOURCE_DATE_EPOCH (reproducible-builds.org)."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.now(UTC) if epoch is None else datetime.fromtimestamp(int(epoch), UTC)
    return moment.date().isoformat()
