"""Training set with a reject class: digits, and pictures of other things."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing import downsample
from training.data.augmentation import Augmentation, Pixels, augment
from training.data.dataset import Dataset, indices_by_digit
from training.data.handwriting.draw import choose_digits, draw_handwriting
from training.data.mnist import Mnist
from training.data.stroke_styles import vary_stroke_styles
from training.data.synthetic import DigitImages, draw_synthetic, similar_to_digits
from training.data.synthetic.digit_similarity import BLOCK, COMPARED
from training.data.synthetic.distractors import add_distractors
from training.data.typefaces.printed_digits import printed_digits
from training.recipes import Recipe

Numbers = NDArray[np.intp]

ALL_DIGITS = tuple(range(10))
# The label of a picture that shows no digit.
NO_DIGIT = -1


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
    drawn, labels = _draw(mnist, recipe, by_digit, (own, other), rng)

    numbers = len(mnist.train_images) + np.arange(len(drawn))
    known = np.isin(labels, digits)
    all_labels = np.concatenate([mnist.train_labels[own], labels[known]])
    return Mixture(
        mnist=mnist.train_images,
        drawn=drawn,
        digits=np.concatenate([own, numbers[known]]),
        classes=(all_labels[:, None] == np.array(digits)).argmax(axis=1),
        others=np.concatenate([other, numbers[~known]]),
        others_per_epoch=recipe.others,
        augmentation=recipe.augmentation,
    )


def _draw(
    mnist: Mnist,
    recipe: Recipe,
    by_digit: list[Numbers],
    parts: tuple[Numbers, Numbers],
    rng: np.random.Generator,
) -> tuple[Pixels, Numbers]:
    """Draw all synthetic pictures; return them and the label of each, NO_DIGIT for none.

    ``parts`` are the numbers of MNIST's images of the model's digits, and of the other digits.
    """
    restyled = np.concatenate([rng.permutation(part)[: recipe.pens] for part in parts])
    written = choose_digits(recipe.handwriting, ALL_DIGITS, rng)
    printed = rng.choice(np.array(ALL_DIGITS), recipe.printed)
    counts = [len(restyled), len(written), len(printed), recipe.clutter]
    drawn = np.empty((sum(counts), *mnist.train_images.shape[1:]), np.uint8)
    restyled_part, written_part, printed_part, synthetic = np.split(drawn, np.cumsum(counts)[:-1])
    restyled_part[:] = vary_stroke_styles(mnist.train_images[restyled], rng)
    written_part[:] = draw_handwriting(written, rng)
    printed_part[:] = printed_digits(printed, rng)
    known = DigitImages(mnist.train_images, by_digit)
    kept = _draw_synthetic(synthetic, known, parts[0], mnist.train_labels, rng)
    labels = np.concatenate(
        [mnist.train_labels[restyled], written, printed, np.full(kept, NO_DIGIT)]
    )
    drawn = drawn[: len(labels)]
    marked = np.flatnonzero(rng.random(len(drawn)) < recipe.distractors)
    drawn[marked] = add_distractors(drawn[marked], rng)
    return drawn, labels.astype(np.intp)


def _draw_synthetic(
    drawings: Pixels,
    known: DigitImages,
    own: Numbers,
    labels: NDArray[np.uint8],
    rng: np.random.Generator,
) -> int:
    """Fill an array with synthetic pictures and return how many of the first are to be kept.

    Pictures that resemble a digit are overwritten by the others, a block at a time.
    """
    draw_synthetic(drawings, known, rng)
    some = own[rng.permutation(len(own))[:COMPARED]]
    alike = similar_to_digits(drawings, known.images[some], labels[some].astype(np.intp))
    kept = np.flatnonzero(~alike)
    for start in range(0, len(kept), BLOCK):
        block = kept[start : start + BLOCK]
        drawings[start : start + len(block)] = drawings[block]
    return len(kept)
