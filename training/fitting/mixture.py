"""Training set with a reject class: digits, and pictures of other things."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing import downsample
from training.corrections.corrections import Corrections
from training.data.augmentation import Augmentation, Pixels, augment
from training.data.dataset import Dataset, indices_by_digit
from training.data.mnist import Mnist
from training.fitting.drawings import ALL_DIGITS, draw_pictures
from training.recipes import Recipe

Numbers = NDArray[np.intp]

# How often an epoch has a correction at most: with more, a few pictures would be learnt by heart.
MOST_REPEATS = 100


@dataclass(frozen=True, slots=True)
class Mixture:
    """Training set of all images of some digits and, in every epoch, a sample of reject images.

    ``mnist`` and ``drawn``, both (N, 28, 28) uint8, are numbered consecutively, so that MNIST's
    images need no copy. ``digits`` are the numbers of the digits and ``classes`` their classes;
    corrections are among them, also those of no digit, whose class is ``reject_class``. It is that
    of ``others``, too, the numbers of the reject images. ``others_per_epoch`` of them are sampled
    in an epoch. Every image is augmented anew.
    """

    mnist: Pixels
    drawn: Pixels
    digits: Numbers
    classes: Numbers
    others: Numbers
    others_per_epoch: int
    reject_class: int
    augmentation: Augmentation

    def __len__(self) -> int:
        return len(self.digits) + self.others_per_epoch

    def take(self, indices: Numbers, rng: np.random.Generator) -> Dataset:
        """Return the digits with the given indices; a larger index is a random reject image."""
        numbers = self.others[rng.integers(len(self.others), size=len(indices))]
        classes = np.full(len(indices), self.reject_class)
        digits = indices < len(self.digits)
        numbers[digits] = self.digits[indices[digits]]
        classes[digits] = self.classes[indices[digits]]
        images = augment(self.images(numbers), self.augmentation, rng)
        return Dataset(downsample(images), classes)

    def images(self, numbers: Numbers) -> Pixels:
        """Return the images with the given numbers, (N, 28, 28) uint8."""
        images = np.empty((len(numbers), *self.mnist.shape[1:]), np.uint8)
        drawn = numbers >= len(self.mnist)
        images[~drawn] = self.mnist[numbers[~drawn]]
        images[drawn] = self.drawn[numbers[drawn] - len(self.mnist)]
        return images


def mix(
    mnist: Mnist,
    recipe: Recipe,
    digits: tuple[int, ...],
    rng: np.random.Generator,
    corrections: Corrections | None = None,
) -> Mixture:
    """Return the training set of a recipe with a reject class, with corrections if there are any.

    ``corrections`` are those to train on.
    """
    by_digit = indices_by_digit(mnist.train_labels, digits=ALL_DIGITS, part=recipe.train_part)
    own = np.concatenate([by_digit[digit] for digit in digits])
    foreign = [numbers for digit, numbers in enumerate(by_digit) if digit not in digits]
    other = np.concatenate([own[:0], *foreign])
    drawn, labels = draw_pictures(mnist, recipe, by_digit, digits, rng)

    numbers = len(mnist.train_images) + np.arange(len(drawn))
    known = np.isin(labels, digits)
    repeated = np.tile(own, recipe.repeats)
    all_labels = np.concatenate([mnist.train_labels[repeated], labels[known]])
    mixture = Mixture(
        mnist=mnist.train_images,
        drawn=drawn,
        digits=np.concatenate([repeated, numbers[known]]),
        classes=_classes(all_labels, digits),
        others=np.concatenate([other, numbers[~known]]),
        others_per_epoch=recipe.others,
        reject_class=len(digits),
        augmentation=recipe.augmentation,
    )
    return mixture if corrections is None else _add(corrections, mixture, digits, recipe)


def _add(
    corrections: Corrections, mixture: Mixture, digits: tuple[int, ...], recipe: Recipe
) -> Mixture:
    """Add corrections, repeated until they are the recipe's share of an epoch."""
    share = recipe.corrections
    count = min(round(len(mixture) * share / (1 - share)), MOST_REPEATS * len(corrections))
    places = np.resize(np.arange(len(corrections)), count)
    numbers = len(mixture.mnist) + len(mixture.drawn) + places
    return replace(
        mixture,
        drawn=np.concatenate([mixture.drawn, corrections.pictures]),
        digits=np.concatenate([mixture.digits, numbers]),
        classes=np.concatenate([mixture.classes, _classes(corrections.labels[places], digits)]),
    )


def _classes(labels: Numbers, digits: tuple[int, ...]) -> Numbers:
    """Return the class of each label: its index in the digits, or the reject class."""
    matches = labels[:, None] == np.array(digits)
    return np.where(matches.any(axis=1), matches.argmax(axis=1), len(digits))
