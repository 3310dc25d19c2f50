"""Digits to tell apart, and beside them what is none of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing import downsample
from training.augmentation import Augmentation, Pixels, augment
from training.clutter import draw_clutter, lookalikes
from training.dataset import Dataset, Selection, select
from training.mnist import Mnist
from training.ones import flagged_ones
from training.pens import with_other_pens
from training.recipes import Recipe


@dataclass(frozen=True, slots=True)
class Mixture:
    """All images of some digits and, anew in every epoch, ``drawn`` images of none of them.

    ``others`` (M, 28, 28) uint8 are the images to draw from; their class is the one after those of
    the digits. Every image is augmented anew.
    """

    digits: Selection
    others: Pixels
    drawn: int
    augmentation: Augmentation

    def __len__(self) -> int:
        return len(self.digits) + self.drawn

    def take(self, indices: NDArray[np.intp], rng: np.random.Generator) -> Dataset:
        """Return some of the digits and as many others as there are indices behind them."""
        images = self.others[rng.integers(len(self.others), size=len(indices))]
        classes = np.full(len(indices), self.digits.classes.max() + 1)
        digits = indices < len(self.digits)
        images[digits] = self.digits.images[indices[digits]]
        classes[digits] = self.digits.classes[indices[digits]]
        return Dataset(downsample(augment(images, self.augmentation, rng)), classes)


def mix(mnist: Mnist, recipe: Recipe, digits: tuple[int, ...], rng: np.random.Generator) -> Mixture:
    """Return what a recipe with ``others`` trains on."""
    chosen = _images(mnist, recipe, digits)
    written = _write_again(chosen, recipe, digits, rng)
    others = _draw_others(mnist, recipe, chosen, digits, rng)
    return Mixture(written, others, recipe.others, recipe.augmentation)


def _write_again(
    chosen: Selection, recipe: Recipe, digits: tuple[int, ...], rng: np.random.Generator
) -> Selection:
    """Return the digits, and beside them some written with other pens, and ones with a flag."""
    again = rng.permutation(len(chosen))[: recipe.pens]
    images = [chosen.images, with_other_pens(chosen.images[again], rng)]
    classes = [chosen.classes, chosen.classes[again]]
    if 1 in digits:
        images.append(flagged_ones(recipe.flagged_ones, rng))
        classes.append(np.full(recipe.flagged_ones, digits.index(1)))
    return Selection(np.concatenate(images), np.concatenate(classes))


def _draw_others(
    mnist: Mnist,
    recipe: Recipe,
    chosen: Selection,
    digits: tuple[int, ...],
    rng: np.random.Generator,
) -> Pixels:
    """Return the other digits, some of them written with other pens, and what is no digit."""
    known = {digit: _images(mnist, recipe, (digit,)).images for digit in range(10)}
    clutter, _ = draw_clutter(recipe.clutter, known, rng)
    clutter = clutter[~lookalikes(clutter, chosen.images, chosen.classes, rng)]
    pool = [images for digit, images in known.items() if digit not in digits]
    others = np.concatenate([clutter[:0], *pool])
    again = rng.permutation(len(others))[: recipe.pens]
    return np.concatenate([others, with_other_pens(others[again], rng), clutter])


def _images(mnist: Mnist, recipe: Recipe, digits: tuple[int, ...]) -> Selection:
    return select(mnist.train_images, mnist.train_labels, digits=digits, part=recipe.train_part)
