"""Training from end to end: MNIST and a recipe in, a classifier and its model card out."""

import time
from dataclasses import dataclass

from model_core.abstention import ONLY_BLANK, Abstention
from model_core.architectures import build
from model_core.classifier import Classifier
from model_core.model_card import ModelCard
from model_core.parameter import Array
from model_core.preprocessing import downsample
from training.data.dataset import Examples, select
from training.data.mnist import Mnist
from training.errors import RecipeError
from training.fitting.calibration import choose_abstention
from training.fitting.checkpoint import Checkpoint
from training.fitting.interruption import DeferredInterrupt
from training.fitting.loop import TrainingRun, TrainingState
from training.fitting.progress import TrainingProgress, working
from training.fitting.random_streams import Stream, generator
from training.fitting.run_card import describe_run
from training.recipes import DIGITS, Recipe

# Synthetic handwritten digits on which the reject threshold is chosen.
VALIDATION_HANDWRITING = 4000


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """A trained classifier and its model card; ``train_seconds`` is the training loop alone."""

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
    version: str = "1",
) -> TrainingResult:
    """Train a new classifier for some digits and evaluate it on the recipe's test images.

    ``version`` is that of the model card.
    The same data, recipe, digits and seed give the same weights on the same machine, however often
    the run was interrupted and resumed.
    Raises: RecipeError for a negative seed; CheckpointError; NonFiniteLossError.
    """
    run = _new_run(mnist, recipe, seed=seed, digits=digits, version=version)
    if checkpoint:
        checkpoint.restore(run)
    started = time.perf_counter()
    _train(run, title, checkpoint)
    seconds = time.perf_counter() - started
    if run.validation:
        handwriting = _validation_handwriting(run) if recipe.handwriting else None
        run.classifier.abstention = choose_abstention(run.classifier, run.validation, handwriting)
    return TrainingResult(run.classifier, describe_run(run, mnist), seconds)


def _validation_handwriting(run: TrainingRun) -> Array:
    """Return synthetic handwriting of the model's digits for the thresholds, (N, 14, 14)."""
    from training.data.handwriting.draw import choose_digits, draw_handwriting

    rng = generator(run.seed, Stream.VALIDATION)
    count = min(VALIDATION_HANDWRITING, run.recipe.handwriting)
    with working("drawing handwriting for the thresholds"):
        drawn = draw_handwriting(choose_digits(count, run.classifier.labels, rng), rng)
    return downsample(drawn)


def _new_run(
    mnist: Mnist, recipe: Recipe, *, seed: int, digits: tuple[int, ...], version: str
) -> TrainingRun:
    if seed < 0:
        raise RecipeError(f"seed: expected 0 or more, got {seed}")
    classifier = build(
        recipe.architecture,
        labels=digits,
        rng=generator(seed, Stream.WEIGHTS),
        abstention=Abstention(not_a_digit=1.0) if recipe.others else ONLY_BLANK,
    )
    images, labels = mnist.train_images, mnist.train_labels
    validation = None
    if recipe.validation_per_digit:
        last = slice(-recipe.validation_per_digit, None)
        validation = select(images, labels, digits=digits, part=last).downsampled()
    examples: Examples
    if recipe.others:
        # here, because it imports matplotlib, which the other recipes do not need
        from training.fitting.mixture import mix

        with working("drawing synthetic pictures"):
            examples = mix(mnist, recipe, digits, generator(seed, Stream.SYNTHETIC))
    else:
        chosen = select(images, labels, digits=digits, part=recipe.train_part)
        examples = chosen.augmented(recipe.augmentation)
    return TrainingRun(
        classifier, examples, recipe, seed=seed, validation=validation, version=version
    )


def _train(run: TrainingRun, title: str, checkpoint: Checkpoint | None) -> None:
    """Train with a progress display, and with a checkpoint after every epoch and at Ctrl-C."""
    epochs, images = run.recipe.epochs, len(run.examples)
    progress = TrainingProgress(title, epochs=epochs, images=images, state=run.state)
    if checkpoint is None:
        with progress:
            run.train(progress.update)
        return
    with progress, DeferredInterrupt() as interruption:

        def after_block(state: TrainingState) -> None:
            progress.update(state)
            if interruption.requested or not state.images:
                checkpoint.save(run)
            if interruption.requested:
                raise KeyboardInterrupt

        run.train(after_block)
