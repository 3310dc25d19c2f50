"""One training run: from MNIST and a recipe to a classifier and its model card."""

import dataclasses
import os
import platform
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import safetensors

from model_core.abstention import ONLY_BLANK, Abstention
from model_core.architectures import build
from model_core.classifier import Classifier
from model_core.metrics import reliability
from model_core.model_card import ModelCard
from model_core.preprocessing import PREPROCESSING_VERSION
from training.data.dataset import Dataset, Examples, select
from training.data.mnist import Mnist, data_digest
from training.errors import RecipeError
from training.fitting.calibration import choose_abstention
from training.fitting.checkpoint import Checkpoint
from training.fitting.evaluation import held_out, measure
from training.fitting.interruption import Interruption
from training.fitting.loop import Run, State
from training.fitting.progress import TrainingProgress, working
from training.recipes import DIGITS, Recipe

# Counts the generations of shipped weights; a change of recipe or architecture moves it.
MODEL_VERSION = "4"


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
    """Train a new classifier for some digits and measure it on the recipe's test images.

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
    if run.validation:
        run.classifier.abstention = choose_abstention(run.classifier, run.validation)
    return Fitted(run.classifier, _card(run, mnist), seconds)


def _new_run(mnist: Mnist, recipe: Recipe, *, seed: int, digits: tuple[int, ...]) -> Run:
    if seed < 0:
        raise RecipeError(f"seed: expected 0 or more, got {seed}")
    classifier = build(
        recipe.architecture,
        labels=digits,
        rng=_generator(seed, 0),
        abstention=Abstention(not_a_digit=1.0) if recipe.others else ONLY_BLANK,
    )
    images, labels = mnist.train_images, mnist.train_labels
    validation = None
    if recipe.validation_per_digit:
        last = slice(-recipe.validation_per_digit, None)
        validation = select(images, labels, digits=digits, part=last).seen()
    examples: Examples
    if recipe.others:
        from training.data.mixture import mix  # draws with matplotlib: others need not wait for it

        with working("drawing what is no digit"):
            examples = mix(mnist, recipe, digits, _generator(seed, 2))
    else:
        chosen = select(images, labels, digits=digits, part=recipe.train_part)
        examples = chosen.augmented(recipe.augmentation)
    return Run(classifier, examples, recipe, seed=seed, validation=validation)


def _generator(seed: int, purpose: int) -> np.random.Generator:
    """Return what draws the first weights (0) or the pictures (2); the run itself has 1."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(purpose,)))


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


def _card(run: Run, mnist: Mnist) -> ModelCard:
    classifier, per_digit = run.classifier, run.recipe.test_per_digit
    return ModelCard(
        architecture=run.recipe.architecture,
        version=MODEL_VERSION,
        labels=classifier.labels,
        input_shape=classifier.input_shape,
        preprocessing=PREPROCESSING_VERSION,
        recipe=dataclasses.asdict(run.recipe),
        seed=run.seed,
        metrics=measure(classifier, mnist, per_digit),
        history=tuple(run.state.history),
        abstention=classifier.abstention,
        reliability=_reliability(classifier, held_out(mnist, classifier.labels, per_digit)),
        training_data_sha256=data_digest(),
        created=_today(),
        libraries={
            "python": platform.python_version(),
            "numpy": np.__version__,
            "safetensors": safetensors.__version__,
        },
    )


def _reliability(classifier: Classifier, dataset: Dataset) -> tuple[dict[str, float], ...]:
    bins = reliability(classifier.probabilities(dataset.images), dataset.classes)
    rows = zip(bins.counts.tolist(), bins.confidence, bins.accuracy, strict=True)
    return tuple(
        {"images": images, "confidence": float(confidence), "accuracy": float(right)}
        for images, confidence, right in rows
        if images
    )


def _today() -> str:
    """Return the date in UTC, or that of SOURCE_DATE_EPOCH (reproducible-builds.org)."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.now(UTC) if epoch is None else datetime.fromtimestamp(int(epoch), UTC)
    return moment.date().isoformat()
