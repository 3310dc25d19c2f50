"""Training set with a reject class."""

import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tests.support.small_mnist import SMALL_MNIST
from training.corrections.corrections import Correction, Corrections
from training.fitting.mixture import MOST_REPEATS, Mixture, mix
from training.recipes import get_recipe

RECIPE = get_recipe(
    "dnn",
    "best",
    pens=5,
    handwriting=40,
    printed=10,
    clutter=20,
    others=12,
    validation_per_digit=1,
    epochs=1,
)


# Four images of each digit, so that none is left out.
MNIST = dataclasses.replace(SMALL_MNIST, train_labels=(np.arange(40) % 10).astype(np.uint8))


@pytest.fixture
def mixture(rng: np.random.Generator) -> Mixture:
    """Return a small training set."""
    return mix(MNIST, RECIPE, (0, 1, 2, 3, 4), rng)


def test_an_epoch_has_all_digits_and_some_others(
    mixture: Mixture, rng: np.random.Generator
) -> None:
    """Indices after the digits are reject images; their number is the recipe's."""
    digits = len(mixture) - RECIPE.others
    labels = MNIST.train_labels
    expected = RECIPE.repeats * sum(max(0, labels.tolist().count(digit) - 1) for digit in range(5))

    epoch = mixture.take(np.arange(len(mixture)), rng)

    assert digits > expected + RECIPE.pens
    assert digits < expected + RECIPE.pens + RECIPE.handwriting + RECIPE.printed
    assert_array_equal(epoch.classes[:digits], mixture.classes)
    assert (epoch.classes[digits:] == 5).all()
    assert epoch.images.shape == (len(mixture), 14, 14)
    assert epoch.images.dtype == np.float32


def test_mnists_own_digits_are_repeated(mixture: Mixture) -> None:
    """An epoch has each of MNIST's images of the digits as often as the recipe says."""
    own = mixture.digits < len(MNIST.train_images)

    _, counts = np.unique(mixture.digits[own], return_counts=True)

    assert set(counts.tolist()) == {RECIPE.repeats}
    assert RECIPE.repeats > 1
    assert_array_equal(mixture.classes[own], MNIST.train_labels[mixture.digits[own]])


def test_reject_images_are_other_digits_and_synthetic_pictures(mixture: Mixture) -> None:
    """Reject images are training images of 5-9 without the validation part, and synthetic ones."""
    pool = {image.tobytes() for image in mixture.images(mixture.others)}
    for digit in range(10):
        images = MNIST.train_images[MNIST.train_labels == digit]
        for number, image in enumerate(images):
            expected = digit > 4 and number < len(images) - 1
            assert (image.tobytes() in pool) == expected


def test_with_all_ten_digits_the_reject_images_are_synthetic(rng: np.random.Generator) -> None:
    """With all ten digits the reject images are synthetic ones only."""
    assert len(mix(MNIST, RECIPE, tuple(range(10)), rng).others) > 0


def test_reject_images_are_sampled_anew(mixture: Mixture) -> None:
    """The reject images depend on the generator only."""
    behind = np.arange(len(mixture.digits), len(mixture))
    one, other, again = (
        mixture.take(behind, np.random.default_rng(seed)).images for seed in (1, 2, 1)
    )

    assert (one != other).any()
    assert_array_equal(one, again)


def corrections(*labels: int) -> Corrections:
    """Return pictures of one grey level each, with the given labels."""
    rows = [
        Correction(str(number), np.full((28, 28), 100 + number, np.uint8), label)
        for number, label in enumerate(labels)
    ]
    return Corrections.of_rows(rows)


def levels(mixture: Mixture) -> dict[int, set[int]]:
    """Return the classes by grey level of the corrections in an epoch."""
    added = mixture.digits >= len(mixture.mnist) + len(mixture.drawn) - 4
    images = mixture.images(mixture.digits[added])[:, 0, 0]
    found: dict[int, set[int]] = {}
    for level, one in zip(images.tolist(), mixture.classes[added].tolist(), strict=True):
        found.setdefault(level, set()).add(one)
    return found


def test_corrections_are_their_share_of_an_epoch(rng: np.random.Generator) -> None:
    """Each is repeated; digits that are not the model's, and none, are in the reject class."""
    recipe = dataclasses.replace(RECIPE, corrections=0.25)

    mixture = mix(MNIST, recipe, (0, 1, 2, 3, 4), rng, corrections(3, 0, 7, -1))
    plain = mix(MNIST, recipe, (0, 1, 2, 3, 4), np.random.default_rng(2024))

    added = len(mixture) - len(plain)
    assert abs(added / len(mixture) - 0.25) < 0.01
    assert_array_equal(mixture.digits[:-added], plain.digits)
    assert levels(mixture) == {100: {3}, 101: {0}, 102: {5}, 103: {5}}


def test_few_corrections_are_not_repeated_without_limit(rng: np.random.Generator) -> None:
    """A correction is in an epoch a hundred times at most."""
    recipe = dataclasses.replace(RECIPE, corrections=0.9)

    mixture = mix(MNIST, recipe, (0, 1, 2, 3, 4), rng, corrections(3))

    number = len(mixture.mnist) + len(mixture.drawn) - 1
    assert np.count_nonzero(mixture.digits == number) == MOST_REPEATS


def test_corrections_are_augmented_in_every_epoch(rng: np.random.Generator) -> None:
    """The same index gives another picture for another generator, of the same class."""
    recipe = dataclasses.replace(RECIPE, corrections=0.25)
    mixture = mix(MNIST, recipe, (0, 1, 2, 3, 4), rng, corrections(7))
    last = np.array([len(mixture.digits) - 1])

    one, other = (mixture.take(last, np.random.default_rng(seed)) for seed in (1, 2))

    assert (one.images != other.images).any()
    assert one.classes == other.classes == [5]
