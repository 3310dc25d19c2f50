"""The report's evaluation, compared with known answers."""

import math

import numpy as np
from numpy.testing import assert_array_equal

from model_core.preprocessing import downsample
from model_core.weights import load_weights, pretrained_dir
from tests.support.models import pretrained
from tests.training.report.samples import SEVEN, obedient, shown
from training.data.mnist import Mnist
from training.fitting.evaluation import evaluate, held_out
from training.report.findings import examine


def test_the_counts_are_those_of_the_images() -> None:
    """Five of seven are right; images of other digits do not count."""
    findings = examine(obedient(), SEVEN)

    assert findings.images == 7
    assert findings.accuracy == 5 / 7
    assert_array_equal(findings.confusion, [[2, 0, 0], [1, 2, 0], [1, 0, 1]])
    assert findings.reliability.counts.sum() == 7


def test_each_mistake_is_there_with_its_place_in_mnist() -> None:
    """A mistake has its index in MNIST's file, and the image at that index."""
    mistakes = examine(obedient(), SEVEN).mistakes

    assert sorted((m.number, m.truth, m.answer) for m in mistakes) == [(3, 2, 0), (4, 1, 0)]
    for mistake in mistakes:
        assert_array_equal(mistake.original, SEVEN.test_images[mistake.number])
        assert_array_equal(mistake.seen, downsample(mistake.original[None])[0])
        assert mistake.confidence == mistake.probabilities[0]
        assert math.isclose(sum(mistake.probabilities), 1)


def test_the_surest_mistake_comes_first() -> None:
    """Mistakes are in descending order of confidence."""
    mnist = shown((0, 0), (1, 0), (1, 2), (2, 2))
    mnist.test_images[1] //= 2

    mistakes = examine(obedient(), mnist).mistakes

    assert [mistake.number for mistake in mistakes] == [2, 1]


def test_each_digit_has_its_score() -> None:
    """A digit has its counts, its accuracy, and its wrong answers by frequency."""
    mnist = shown((0, 0), (1, 2), (1, 0), (1, 2), (1, 1), (2, 2))

    zero, one, two = examine(obedient(), mnist).digits

    assert (zero.errors, zero.accuracy, zero.taken_for) == (0, 1, ())
    assert (one.label, one.images, one.errors, one.accuracy) == (1, 4, 3, 0.25)
    assert one.taken_for == ((2, 2), (0, 1))
    assert two.errors == 0


def test_the_recipe_decides_which_images_count() -> None:
    """`test_per_digit` selects the first images of each digit, as in `evaluate`."""
    findings = examine(obedient(recipe={"test_per_digit": 1}), SEVEN)

    assert findings.images == 3
    assert [mistake.number for mistake in findings.mistakes] == [3]


def test_labels_need_neither_order_nor_to_begin_at_0() -> None:
    """A model of the labels 7 and 3 is evaluated on images of these."""
    findings = examine(obedient(labels=(7, 3)), shown((3, 1), (7, 0), (3, 0), (5, 1)))

    assert findings.labels == (7, 3)
    assert [(m.number, m.truth, m.answer) for m in findings.mistakes] == [(2, 3, 7)]


def test_report_and_evaluate_agree(mnist: Mnist) -> None:
    """`report` and `evaluate` give the same numbers for the shipped model."""
    shipped = load_weights(pretrained_dir() / "dnn.safetensors")
    model = pretrained(shipped.classifier, recipe={"test_per_digit": None})
    metrics = evaluate(model.classifier, held_out(mnist, model.card.labels, None))

    findings = examine(model, mnist)

    assert findings.accuracy == metrics["test_accuracy"]
    assert findings.images == metrics["test_images"]
    assert len(findings.mistakes) == metrics["test_errors"]
    assert findings.rmse == metrics["test_rmse"]
    numbers = np.array([mistake.number for mistake in findings.mistakes], np.intp)
    assert_array_equal(mnist.test_labels[numbers], [m.truth for m in findings.mistakes])
