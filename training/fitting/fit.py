"""Training from end to end: MNIST and a recipe in, a classifier and its model card out."""

import time
from dataclasses import dataclass, replace

from model_core.abstention import Abstention
from model_core.classifier import Classifier
from model_core.model_card import ModelCard
from model_core.parameter import Array
from model_core.preprocessing import downsample
from model_core.weights import Pretrained
from training.corrections.corrections import Corrections
from training.data.dataset import Dataset, Examples, select
from training.data.mnist import Mnist
from training.fitting.calibration import choose_abstention
from training.fitting.checkpoint import Checkpoint
from training.fitting.interruption import DeferredInterrupt
from training.fitting.loop import TrainingRun, TrainingState
from training.fitting.progress import TrainingProgress, working
from training.fitting.random_streams import Stream, generator
from training.fitting.run_card import describe_run
from training.fitting.start import check_seed_and_recipe, initial_classifier, origin
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
    start: Pretrained | None = None,
    corrections: Corrections | None = None,
) -> TrainingResult:
    """Train a classifier for some digits and evaluate it on the recipe's test images.

    ``version`` is that of the model card. ``start`` has initial weights, of the recipe's
    architecture and these digits; it is not changed. ``corrections`` are trained on, too.
    The same data, recipe, digits and seed give the same weights on the same machine, however often
    the run was interrupted and resumed.
    Raises: RecipeError for a negative seed, or corrections without a reject class; StartError for
    other weights to start from; CheckpointError; NonFiniteLossError.
    """
    check_seed_and_recipe(recipe, seed, corrections)
    run = TrainingRun(
        initial_classifier(recipe, digits, seed, start),
        _examples(mnist, recipe, digits, seed, corrections),
        recipe,
        seed=seed,
        validation=_validation(mnist, recipe, digits),
        version=version,
        origin=origin(start, corrections),
    )
    if checkpoint:
        checkpoint.restore(run)
    started = time.perf_counter()
    _train(run, title, checkpoint)
    seconds = time.perf_counter() - started
    if run.validation:
        run.classifier.abstention = _abstention(run, run.validation, start)
    return TrainingResult(run.classifier, describe_run(run, mnist), seconds)


def _abstention(run: TrainingRun, validation: Dataset, start: Pretrained | None) -> Abstention:
    """Choose the thresholds; that of the reject class is not above the one of ``start``.

    Otherwise fine-tuned weights could read more only because they refuse less.
    """
    handwriting = _validation_handwriting(run) if run.recipe.handwriting else None
    chosen = choose_abstention(run.classifier, validation, handwriting)
    before = start.card.abstention.not_a_digit if start else None
    if before is None or chosen.not_a_digit is None:
        return chosen
    return replace(chosen, not_a_digit=min(chosen.not_a_digit, before))


def _validation_handwriting(run: TrainingRun) -> Array:
    """Return synthetic handwriting of the model's digits for the thresholds, (N, 14, 14)."""
    from training.data.handwriting.draw import choose_digits, draw_handwriting

    rng = generator(run.seed, Stream.VALIDATION)
    count = min(VALIDATION_HANDWRITING, run.recipe.handwriting)
    with working("drawing handwriting for the thresholds"):
        drawn = draw_handwriting(choose_digits(count, run.classifier.labels, rng), rng)
    return downsample(drawn)


def _validation(mnist: Mnist, recipe: Recipe, digits: tuple[int, ...]) -> Dataset | None:
    if not recipe.validation_per_digit:
        return None
    last = slice(-recipe.validation_per_digit, None)
    return select(mnist.train_images, mnist.train_labels, digits=digits, part=last).downsampled()


def _examples(
    mnist: Mnist,
    recipe: Recipe,
    digits: tuple[int, ...],
    seed: int,
    corrections: Corrections | None,
) -> Examples:
    """Return the training images; with a reject class they are mixed with synthetic pictures."""
    if not recipe.others:
        images, labels = mnist.train_images, mnist.train_labels
        chosen = select(images, labels, digits=digits, part=recipe.train_part)
        return chosen.augmented(recipe.augmentation)
    # here, because it imports matplotlib, which the other recipes do not need
    from training.fitting.mixture import mix

    with working("drawing synthetic pictures"):
        return mix(mnist, recipe, digits, generator(seed, Stream.SYNTHETIC), corrections)


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
