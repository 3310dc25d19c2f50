"""The training loop: a run that can be interrupted after any block of images and resumed."""

import math
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from model_core.classifier import Classifier
from model_core.losses import SoftmaxCrossEntropy, one_hot
from model_core.metrics import accuracy
from model_core.parameter import Array
from training.data.dataset import Dataset, Examples
from training.errors import NonFiniteLossError
from training.fitting.optimizers import make_optimizer
from training.fitting.random_streams import Stream, generator
from training.fitting.schedules import SCHEDULES
from training.fitting.weight_average import WeightAverage
from training.recipes import Recipe

# Images between two progress reports: frequent enough for Ctrl-C, too rare to cost time.
BLOCK_IMAGES = 512

# Elements of NumPy's buffer, into which it copies rows of an array that is not contiguous, for an
# operation on several of them at once. With the default of 8192 the copies take longer than the
# additions of the convolutions' gradients.
BUFFER = 2048

EpochMetrics = dict[str, float]


@dataclass(slots=True)
class TrainingState:
    """Progress of a training run.

    ``epoch`` is the current one, counted from 0, and ``images`` the number of its images that are
    done; ``loss`` and ``correct`` are sums over them. ``history`` has an entry per finished epoch.
    """

    epoch: int = 0
    images: int = 0
    loss: float = 0.0
    correct: int = 0
    history: list[EpochMetrics] = field(default_factory=list)


class TrainingRun:
    """Training run: trains a classifier in place as a recipe prescribes.

    Every random choice of block b in epoch e, those of random layers included, follows from
    (seed, e, b): a run resumed from ``state`` and ``arrays`` gives the same bytes as one that was
    never interrupted. ``version`` is that of the model, for its card.
    ``origin`` has digests of what else the outcome depends on: initial weights, corrections.
    """

    def __init__(
        self,
        classifier: Classifier,
        examples: Examples,
        recipe: Recipe,
        *,
        seed: int,
        validation: Dataset | None = None,
        version: str = "1",
        origin: dict[str, str] | None = None,
    ) -> None:
        self.classifier = classifier
        self.recipe = recipe
        self.state = TrainingState()
        self.examples = examples
        self.seed = seed
        self.version = version
        self.origin = origin or {}
        self.validation = validation
        self._network = classifier.network
        self._optimizer = make_optimizer(recipe, self._network)
        self._average = None
        if recipe.average:
            self._average = WeightAverage(self._network.values, decay=recipe.average)
        self._criterion = SoftmaxCrossEntropy()
        self._schedule = SCHEDULES[recipe.schedule]
        self._images, self._epochs, self._peak = len(examples), recipe.epochs, recipe.learning_rate

    @property
    def arrays(self) -> dict[str, Array]:
        """The arrays that the rest of the run depends on, by name; no copies."""
        arrays = {f"optimizer.{i}": array for i, array in enumerate(self._optimizer.arrays)}
        if self._average is not None:
            arrays["average"] = self._average.array
        return arrays | {"values": self._network.values}

    def train(self, after_block: Callable[[TrainingState], None]) -> None:
        """Train until the last epoch is done, calling ``after_block`` after each block of images.

        Raises: NonFiniteLossError if the loss is NaN or infinite.
        """
        with np.errstate(over="ignore", invalid="ignore"):  # reported by NonFiniteLossError
            np.setbufsize(BUFFER)  # errstate restores this, too
            while self.state.epoch < self.recipe.epochs:
                self._train_epoch(after_block)
        if self._average is not None:
            self._average.apply()

    def _train_epoch(self, after_block: Callable[[TrainingState], None]) -> None:
        state, size = self.state, self.recipe.batch_size
        order = generator(self.seed, Stream.EXAMPLES, state.epoch).permutation(len(self.examples))
        block = size * max(1, BLOCK_IMAGES // size)
        for start in range(state.images, len(order), block):
            # from 1: the stream at the position (epoch,) itself draws the order
            rng = generator(self.seed, Stream.EXAMPLES, state.epoch, 1 + start // block)
            self.train_block(self.examples.take(order[start : start + block], rng))
            if state.images == len(order):
                self._end_epoch()
            after_block(state)

    def train_block(self, block: Dataset) -> None:
        """Train on a block of images, batch by batch, and count them as part of the epoch."""
        size, state = self.recipe.batch_size, self.state
        network, criterion, optimizer = self._network, self._criterion, self._optimizer
        network.use_generator(generator(self.seed, Stream.LAYERS, state.epoch, state.images))
        images = block.images[:, None]
        target = one_hot(block.classes, self.classifier.class_count)
        logits = np.empty_like(target)
        for start, x in zip(range(0, len(block), size), network.prepare(images, size), strict=True):
            stop = start + size
            output = network.forward_prepared(x)
            logits[start:stop] = output
            network.parameter_gradients(criterion.gradient(output, target[start:stop]))
            optimizer.step(self._learning_rate(state.images + start))
            if self._average is not None:
                steps = state.epoch * self._images // size + (state.images + start) // size
                self._average.update(steps)
        self._check_finite(logits)
        state.loss += self._criterion.value(logits, target) * len(block)
        state.correct += int(np.count_nonzero(logits.argmax(axis=1) == block.classes))
        state.images += len(block)

    def _learning_rate(self, images: int) -> float:
        """Return the learning rate after ``images`` images of the current epoch."""
        progress = (self.state.epoch + images / self._images) / self._epochs
        return self._peak * self._schedule(progress)

    def _check_finite(self, logits: Array) -> None:
        finite = np.isfinite(logits).all(axis=1)
        if finite.all():
            return
        images = self.state.images + int(np.argmin(finite))
        epochs = self.state.epoch * math.ceil(len(self.examples) / self.recipe.batch_size)
        raise NonFiniteLossError(
            f"loss: expected a finite number, got none in step "
            f"{epochs + images // self.recipe.batch_size + 1} (epoch {self.state.epoch + 1}) at "
            f"learning rate {self._learning_rate(images):.3g}; a smaller --learning-rate may help"
        )

    def _end_epoch(self) -> None:
        state = self.state
        entry: EpochMetrics = {
            "epoch": state.epoch + 1,
            "learning_rate": self._learning_rate(state.images),
            "train_loss": state.loss / state.images,
            "train_accuracy": state.correct / state.images,
        }
        state.history.append(entry | self._validate())
        state.epoch, state.images, state.loss, state.correct = state.epoch + 1, 0, 0.0, 0

    def _validate(self) -> EpochMetrics:
        """Return loss and accuracy on the validation images, with the averaged weights if any."""
        if self.validation is None:
            return {}
        with self._average.applied() if self._average else nullcontext():
            logits = self.classifier.logits(self.validation.images)
        classes: NDArray[np.intp] = self.validation.classes
        target = one_hot(classes, self.classifier.class_count)
        return {
            "validation_loss": self._criterion.value(logits, target),
            "validation_accuracy": accuracy(logits[:, : len(self.classifier.labels)], classes),
        }
