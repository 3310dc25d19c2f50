"""Training set with a reject class: digits, and pictures of other things."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing import downsample
from training.data.augmentation import Augmentation, Pixels, augment
from training.data.dataset import Dataset, indices_by_digit
from training.data.mnist import Mnist
from training.fitting.drawings import ALL_DIGITS, draw_pictures
from training.recipes import Recipe

Numbers = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Mixture:
    """Training set of all images of some digits and, in every epoch, a sample of reject images.

    ``mnist`` and ``drawn``, both (N, 28, 28) uint8, are numbered consecutively, so that MNIST's
    images need no copy. ``digits`` are the numbers of the digits and ``classes`` their classes;
    ``others`` are the numbers of the reject images, whose class is the one after the digits'.
    ``others_per_epoch`` of them are sampled in an epoch. Every image is augmented anew.
    """

    mnist: Pixels
    drawn: Pixels
    digits: Numbers
    classes: Numbers
    others: Numbers
    others_per_epoch: int
    augmentation: Augmentation

    def __len__(self) -> int:
        return len(self.digits) + self.others_per_epoch

    def take(self, indices: Numbers, rng: np.random.Generator) -> Dataset:
        """Return the digits with the given indices; a larger index is a random reject image."""
        numbers = self.others[rng.integers(len(self.others), size=len(indices))]
        classes = np.full(len(indices), self.classes.max() + 1)
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


def mix(mnist: Mnist, recipe: Recipe, digits: tuple[int, ...], rng: np.random.Generator) -> Mixture:
    """Return the training set of a recipe with a reject class."""
    by_digit = indices_by_digit(mnist.train_labels, digits=ALL_DIGITS, part=recipe.train_part)
    own = np.concatenate([by_digit[digit] for digit in digits])
    foreign = [numbers for digit, numbers in enumerate(by_digit) if digit not in digits]
    other = np.concatenate([own[:0], *foreign])
    drawn, labels = draw_pictures(mnist, recipe, by_digit, digits, rng)

    numbers = len(mnist.train_images) + np.arange(len(drawn))
    known = np.isin(labels, digits)
    repeated = np.tile(own, recipe.repeats)
    all_labels = np.concatenate([mnist.train_labels[repeated], labels[known]])
    return Mixture(
        mnist=mnist.train_images,
        drawn=drawn,
        digits=np.concatenate([repeated, numbers[known]]),
        classes=(all_labels[:, None] == np.array(digits)).argmax(axis=1),
        others=np.concatenate([other, numbers[~known]]),
        others_per_epoch=recipe.others,
        augmentation=recipe.augmentation,
    )
