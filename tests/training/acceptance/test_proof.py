"""Acceptance of a new version: each limit, and what is said."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from model_core.weights import load_weights, pretrained_dir
from training.acceptance.mistakes import mistakes
from training.acceptance.paired import Paired
from training.acceptance.proof import FEWEST_MISTAKES, Proof, prove
from training.acceptance.refusals import Refusals
from training.corrections.corrections import Correction, Corrections
from training.data.mnist import Mnist

OLD = Refusals(digits=0.004, others=0.99, drawings=0.93)
GOOD = Proof(
    mnist_images=5139,
    mnist_errors=(3, 5),
    held_back=Paired(both=2, fixed=5, broken=0, neither=40),
    refusals=(OLD, Refusals(digits=0.0089, others=0.981, drawings=0.881)),
)


@pytest.mark.parametrize(
    ("change", "objection"),
    [
        ({"mnist_errors": (3, 6)}, "MNIST: expected at most 5 errors (3 before), got 6"),
        (
            {"held_back": Paired(both=2, fixed=4, broken=0, neither=40)},
            "got 2 of 46 instead of 6 (p = 0.062)",
        ),
        (
            {"held_back": Paired(both=2, fixed=9, broken=4, neither=40)},
            "got 6 of 55 instead of 11 (p = 0.13)",
        ),
        (
            {"refusals": (OLD, dataclasses.replace(OLD, digits=0.0091))},
            "abstention: expected at most 0.90% of MNIST's images of its digits, got 0.91%",
        ),
        (
            {"refusals": (OLD, dataclasses.replace(OLD, others=0.979))},
            "abstention: expected at least 98.00% of MNIST's other digits, got 97.90%",
        ),
        (
            {"refusals": (OLD, dataclasses.replace(OLD, drawings=0.879))},
            "abstention: expected at least 88.00% of drawings of no digit, got 87.90%",
        ),
    ],
)
def test_each_limit_is_an_objection(change: dict[str, Any], objection: str) -> None:
    """At the limits a version is accepted; beyond each there is one objection that has numbers."""
    assert GOOD.objections == []

    [found] = dataclasses.replace(GOOD, **change).objections

    assert objection in found


def test_the_fewest_mistakes_are_those_that_can_be_significant() -> None:
    """A version that corrects all of so few mistakes is accepted, of one fewer it is not."""
    for fewer, accepted in ((0, True), (1, False)):
        pair = Paired(both=0, fixed=FEWEST_MISTAKES - fewer, broken=0, neither=50)

        assert (dataclasses.replace(GOOD, held_back=pair).objections == []) == accepted


def test_a_version_that_refuses_as_much_as_the_old_one_may() -> None:
    """The limits are the old version's; without other digits none counts."""
    old = Refusals(digits=0.03, others=None, drawings=0.9)

    assert old.objections(old) == []


def test_the_lines_have_all_measurements() -> None:
    """Counts before and now, the interval, the p-value and the shares refused."""
    text = "\n".join(GOOD.lines())

    assert "7 of 47 mistakes before, 2 now (5 fixed, 0 broken; difference 10.6%, 95 %" in text
    assert "3 of 5,139 errors before, 5 now" in text
    assert "99.00% and 98.10% of its other digits, 93.00% and 88.10% of drawings" in text


def test_a_version_is_no_better_than_itself(mnist: Mnist) -> None:
    """The measurements of both are equal, those of its card, and it is not accepted."""
    shipped = load_weights(pretrained_dir() / "cnn.safetensors")
    images = mnist.train_images[:40]
    rows = [Correction(str(n), image, int(mnist.train_labels[n])) for n, image in enumerate(images)]

    proof = prove(shipped.classifier, shipped.classifier, mnist, Corrections.of_rows(rows), seed=0)

    errors = int(shipped.card.metrics["test_errors"])
    assert proof.mnist_errors == (errors, errors)
    assert proof.refusals[0] == proof.refusals[1]
    assert proof.refusals[0].digits == shipped.card.metrics["test_abstained"]
    assert proof.refusals[0].others == shipped.card.metrics["test_others_abstained"]
    assert 0.85 < proof.refusals[0].drawings < 0.99
    assert [one[:21] for one in proof.objections] == ["corrections held back"]


def test_mistakes_are_all_answers_but_the_right_one(mnist: Mnist) -> None:
    """A digit that is refused or misread, and another picture that is accepted."""
    classifier = load_weights(pretrained_dir() / "cnn.safetensors").classifier
    three, seven = (mnist.train_images[mnist.train_labels == digit][0] for digit in (3, 7))
    rows = [
        (three, 3, 1.0, False),  # read
        (three, 4, 1.0, True),  # accepted as another digit than the true one
        (three, -1, 1.0, True),  # accepted, though it is labelled as none
        (three, 3, 0.0, True),  # refused, since preprocessing found several figures
        (seven, 7, 1.0, False),  # refused: no digit of this model
        (seven, -1, 1.0, False),
        (seven, 4, 1.0, True),
    ]
    corrections = Corrections(
        np.array([row[0] for row in rows]),
        np.array([row[1] for row in rows]),
        np.array([row[2] for row in rows]),
    )

    found = mistakes(classifier, corrections)

    assert found.tolist() == [row[3] for row in rows]
