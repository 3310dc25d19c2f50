"""Training set with a reject class: digits, and pictures of other things."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing import downsample
from training.data.augmentation import Augmentation, Pixels, augment
from training.data.dataset import Dataset, indices_by_digit
from training.data.flagged_ones import flagged_ones
from training.data.mnist import Mnist
from training.data.stroke_styles import vary_stroke_styles
from training.data.synthetic import DigitImages, draw_synthetic, similar_to_digits
from training.data.synthetic.digit_similarity import BLOCK, COMPARED
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
    images = mnist.train_images
    by_digit = indices_by_digit(mnist.train_labels, digits=tuple(range(10)), part=recipe.train_part)
    own = np.concatenate([by_digit[digit] for digit in digits])
    classes = np.repeat(np.arange(len(digits)), [len(by_digit[digit]) for digit in digits])
    foreign = [numbers for digit, numbers in enumerate(by_digit) if digit not in digits]
    other = np.concatenate([own[:0], *foreign])

    chosen, other_chosen = (rng.permutation(len(of))[: recipe.pens] for of in (own, other))
    flagged = recipe.flagged_ones if 1 in digits else 0
    counts = [len(chosen), flagged, len(other_chosen), recipe.clutter]
    drawn = np.empty((sum(counts), *images.shape[1:]), np.uint8)
    restyled, ones, other_restyled, synthetic = np.split(drawn, np.cumsum(counts)[:-1])
    restyled[:] = vary_stroke_styles(images[own[chosen]], rng)
    ones[:] = flagged_ones(flagged, rng)
    other_restyled[:] = vary_stroke_styles(images[other[other_chosen]], rng)
    kept = _draw_synthetic(synthetic, DigitImages(images, by_digit), own, classes, rng)
    drawn = drawn[: sum(counts[:3]) + kept]

    numbers = len(images) + np.arange(len(drawn))
    own_drawn, foreign_drawn = np.split(numbers, [sum(counts[:2])])
    one = digits.index(1) if flagged else 0
    return Mixture(
        mnist=images,
        drawn=drawn,
        digits=np.concatenate([own, own_drawn]),
        classes=np.concatenate([classes, classes[chosen], np.full(flagged, one)]),
        others=np.concatenate([other, foreign_drawn]),
        others_per_epoch=recipe.others,
        augmentation=recipe.augmentation,
    )


def _draw_synthetic(
    drawings: Pixels, known: DigitImages, own: Numbers, classes: Numbers, rng: np.random.Generator
) -> int:
    """Fill an array with synthetic pictures and return how many of the first are to be kept.

    Pictures that resemble a digit are overwritten by the others, a block at a time.
    """
    draw_synthetic(drawings, known, rng)
    some = rng.permutation(len(own))[:COMPARED]
    kept = np.flatnonzero(~similar_to_digits(drawings, known.images[own[some]], classes[some]))
    for start in range(0, len(kept), BLOCK):
        block = kept[start : start + BLOCK]
        drawings[start : start + len(block)] = drawings[block]
    return len(kept)
