"""The training loop: a run that can be stopped after any block of images and taken up again."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from model_core.classifier import Classifier
from model_core.losses import SoftmaxCrossEntropy, one_hot
from model_core.metrics import accuracy
from model_core.parameter import Array
from training.data.dataset import Dataset, Examples
from training.data.prefetch import take_ahead
from training.errors import NonFiniteLossError
from training.fitting.optimizers import make_optimizer
from training.fitting.schedules import SCHEDULES
from training.recipes import Recipe

# Images between two reports: often enough for the eye and for Ctrl-C, too rare to cost time.
BLOCK_IMAGES = 512

History = dict[str, float]


@dataclass(slots=True)
class State:
    """How far a run is.

    ``epoch`` is the running one, from 0, and ``images`` how many of it are done; ``loss`` and
    ``correct`` are sums over them. ``history`` has an entry for every epoch that has ended.
    """

    epoch: int = 0
    images: int = 0
    loss: float = 0.0
    correct: int = 0
    history: list[History] = field(default_factory=list)


class Run:
    """The training of a classifier, in place, as a recipe says.

    Every random choice of block b in epoch e follows from (seed, e, b): a run that is taken up
    from ``state`` and ``memory`` goes on as if it had never stopped.
    """

    def __init__(
        self,
        classifier: Classifier,
        examples: Examples,
        recipe: Recipe,
        *,
        seed: int,
        validation: Dataset | None = None,
    ) -> None:
        self.classifier = classifier
        self.recipe = recipe
        self.state = State()
        self.examples = examples
        self.seed = seed
        self.validation = validation
        self._network = classifier.network
        self._optimizer = make_optimizer(recipe, self._network)
        self._average = self._network.values.copy() if recipe.average else None
        self._criterion = SoftmaxCrossEntropy()
        self._schedule = SCHEDULES[recipe.schedule]
        self._images, self._epochs, self._peak = len(examples), recipe.epochs, recipe.learning_rate

    @property
    def memory(self) -> dict[str, Array]:
        """Return every array that the rest of the run depends on: the arrays themselves."""
        arrays = {f"optimizer.{i}": array for i, array in enumerate(self._optimizer.memory)}
        if self._average is not None:
            arrays["average"] = self._average
        return arrays | {"values": self._network.values}

    def train(self, after_block: Callable[[State], None]) -> None:
        """Train to the end, calling ``after_block`` whenever the state has moved on.

        Raises: NonFiniteLossError if the loss is no longer a number.
        """
        with np.errstate(over="ignore", invalid="ignore"):  # the loss tells, with a better message
            while self.state.epoch < self.recipe.epochs:
                self._train_epoch(after_block)
        if self._average is not None:
            self._network.values[...] = self._average

    def _train_epoch(self, after_block: Callable[[State], None]) -> None:
        state, size = self.state, self.recipe.batch_size
        order = self._generator(state.epoch).permutation(len(self.examples))
        block = size * max(1, BLOCK_IMAGES // size)
        blocks = [
            (order[start : start + block], self._generator(state.epoch, 1 + start // block))
            for start in range(state.images, len(order), block)
        ]
        for images in take_ahead(self.examples, blocks):
            self.train_block(images)
            if state.images == len(order):
                self._end_epoch()
            after_block(state)

    def _generator(self, *place: int) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(1, *place)))

    def train_block(self, block: Dataset) -> None:
        """Train on some images, a batch at a time, and count them as part of the epoch."""
        size, state = self.recipe.batch_size, self.state
        network, criterion, optimizer = self._network, self._criterion, self._optimizer
        images = block.images[:, None]
        target = one_hot(block.classes, self.classifier.outcomes)
        logits = np.empty_like(target)
        for start, x in zip(range(0, len(block), size), network.prepare(images, size), strict=True):
            stop = start + size
            output = network.forward_prepared(x)
            logits[start:stop] = output
            network.parameter_gradients(criterion.gradient(output, target[start:stop]))
            optimizer.step(self._learning_rate(state.images + start))
            if self._average is not None:
                self._move_average((state.images + start) // size)
        self._check_finite(logits)
        state.loss += self._criterion.value(logits, target) * len(block)
        state.correct += int(np.count_nonzero(logits.argmax(axis=1) == block.classes))
        state.images += len(block)

    def _learning_rate(self, images: int) -> float:
        """Return the rate after so many images of the running epoch."""
        progress = (self.state.epoch + images / self._images) / self._epochs
        return self._peak * self._schedule(progress)

    def _move_average(self, step: int) -> None:
        """Go towards the weights, in large steps at first: at no time do the first weights weigh.

        ``step`` is that of the running epoch.
        """
        if self._average is None:
            return
        steps = self.state.epoch * self._images // self.recipe.batch_size + step
        share = 1 - min(self.recipe.average, (1 + steps) / (10 + steps))
        self._average += share * (self._network.values - self._average)

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
        entry: History = {
            "epoch": state.epoch + 1,
            "learning_rate": self._learning_rate(state.images),
            "train_loss": state.loss / state.images,
            "train_accuracy": state.correct / state.images,
        }
        state.history.append(entry | self._validate())
        state.epoch, state.images, state.loss, state.correct = state.epoch + 1, 0, 0.0, 0

    def _validate(self) -> History:
        """Return loss and accuracy on the validation images, of the average if there is one."""
        if self.validation is None:
            return {}
        with self._averaged():
            logits = self.classifier.logits(self.validation.images)
        classes: NDArray[np.intp] = self.validation.classes
        target = one_hot(classes, self.classifier.outcomes)
        return {
            "validation_loss": self._criterion.value(logits, target),
            "validation_accuracy": accuracy(logits[:, : len(self.classifier.labels)], classes),
        }

    @contextmanager
    def _averaged(self) -> Iterator[None]:
        """Put the average in the place of the weights for a while."""
        if self._average is None:
            yield
            return
        values = self._network.values.copy()
        self._network.values[...] = self._average
        yield
        self._network.values[...] = values
