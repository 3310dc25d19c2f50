"""Drawing of a recipe's synthetic training pictures, each with its label."""

import numpy as np
from numpy.typing import NDArray

from training.data.augmentation import Pixels
from training.data.dataset import NO_DIGIT
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


def draw_pictures(
    mnist: Mnist,
    recipe: Recipe,
    by_digit: list[Numbers],
    digits: tuple[int, ...],
    rng: np.random.Generator,
) -> tuple[Pixels, Numbers]:
    """Draw all synthetic pictures; return them and the label of each, NO_DIGIT for none.

    Shapes: -> (N, 28, 28) uint8 and (N,). ``by_digit`` are the numbers of MNIST's training images
    of each digit, and ``digits`` are the model's.
    """
    restyled = _choose_restyled(by_digit, digits, recipe.pens, rng)
    written = choose_digits(recipe.handwriting, ALL_DIGITS, rng)
    printed = rng.choice(np.array(ALL_DIGITS), recipe.printed)
    labels = np.concatenate([mnist.train_labels[restyled], written, printed]).astype(np.intp)
    drawn = np.empty((len(labels) + recipe.clutter, *mnist.train_images.shape[1:]), np.uint8)
    places = np.cumsum([len(restyled), len(written), len(printed)])
    restyled_part, written_part, printed_part, synthetic = np.split(drawn, places)
    restyled_part[:] = vary_stroke_styles(mnist.train_images[restyled], rng)
    written_part[:] = draw_handwriting(written, rng)
    printed_part[:] = printed_digits(printed, rng)
    draw_synthetic(synthetic, DigitImages(mnist.train_images, by_digit, digits), rng)

    known = np.concatenate([by_digit[digit] for digit in digits])
    genuine = mnist.train_images[known], mnist.train_labels[known].astype(np.intp)
    unusual = written_part[np.isin(written, digits)], written[np.isin(written, digits)]
    kept = _keep_dissimilar(synthetic, *_sample(genuine, unusual, rng))
    drawn = drawn[: len(labels) + kept]
    marked = np.flatnonzero(rng.random(len(drawn)) < recipe.distractors)
    drawn[marked] = add_distractors(drawn[marked], rng)
    return drawn, np.concatenate([labels, np.full(kept, NO_DIGIT)])


def _choose_restyled(
    by_digit: list[Numbers], digits: tuple[int, ...], count: int, rng: np.random.Generator
) -> Numbers:
    """Choose ``count`` of MNIST's images of the model's digits, and as many of the others."""
    sides = (digits, [digit for digit in ALL_DIGITS if digit not in digits])
    parts = [np.concatenate([by_digit[0][:0], *(by_digit[d] for d in side)]) for side in sides]
    return np.concatenate([rng.permutation(part)[:count] for part in parts])


def _sample(
    genuine: tuple[Pixels, Numbers], unusual: tuple[Pixels, Numbers], rng: np.random.Generator
) -> tuple[Pixels, Numbers]:
    """Return digits to compare with, in random order, at most half of them from either source."""
    chosen = [rng.permutation(len(labels))[: COMPARED // 2] for _, labels in (genuine, unusual)]
    images = np.concatenate([genuine[0][chosen[0]], unusual[0][chosen[1]]])
    labels = np.concatenate([genuine[1][chosen[0]], unusual[1][chosen[1]]])
    order = rng.permutation(len(labels))
    return images[order], labels[order]


def _keep_dissimilar(drawings: Pixels, digits: Pixels, labels: Numbers) -> int:
    """Move the drawings that resemble no digit to the front; return how many there are.

    The others are overwritten, a block at a time, so that no copy of all is needed.
    """
    kept = np.flatnonzero(~similar_to_digits(drawings, digits, labels))
    for start in range(0, len(kept), BLOCK):
        block = kept[start : start + BLOCK]
        drawings[start : start + len(block)] = drawings[block]
    return len(kept)
