"""The reject option: accepted predictions, reasons to abstain, temperature."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from model_core.abstention import ONLY_BLANK, Abstention, digit_certainty, reason_below
from model_core.architectures import build
from model_core.classifier import Classifier
from model_core.errors import AbstentionError
from model_core.layers import Flatten, Linear
from model_core.network import Sequential
from model_core.parameter import Array


def says(logits: list[float], abstention: Abstention, rng: np.random.Generator) -> Classifier:
    """Return a classifier of the labels 0 and 1 with the same logits for every image."""
    linear = Linear(4, len(logits), rng=rng)
    linear.weight.value[...] = 0
    linear.bias.value[...] = logits
    network = Sequential(Flatten(), linear)
    return Classifier(network, labels=(0, 1), input_shape=(2, 2), abstention=abstention)


INK: Array = np.array([[[0, 1], [1, 0]]], np.float32)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"temperature": 0.0}, "temperature"),
        ({"temperature": -1.0}, "temperature"),
        ({"temperature": math.nan}, "temperature"),
        ({"temperature": math.inf}, "temperature"),
        ({"ambiguous": 1.5}, "ambiguous"),
        ({"ambiguous": math.nan}, "ambiguous"),
        ({"not_a_digit": -0.1}, "not_a_digit"),
        ({"not_a_digit": 2.0}, "not_a_digit"),
    ],
)
def test_values_out_of_range_are_refused(changes: dict[str, float], named: str) -> None:
    """An error names the value, the expected range and the value given."""
    with pytest.raises(AbstentionError, match=f"^{named}: expected .*, got {changes[named]}$"):
        Abstention(**changes)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"contrast": 0.05, "reject": 1.0, "confidence": 0.1}, "blank"),
        ({"contrast": 1.0, "reject": 0.9, "confidence": 0.1}, "not_a_digit"),
        ({"contrast": 1.0, "reject": 0.8, "confidence": 0.59}, "ambiguous"),
        ({"contrast": 1.0, "reject": 0.8, "confidence": 0.6}, None),
        ({"contrast": 1.0, "reject": 0.2, "confidence": 0.6, "trust": 0.25}, None),
        ({"contrast": 1.0, "reject": 0.21, "confidence": 0.6, "trust": 0.25}, "not_a_digit"),
    ],
)
def test_reasons_come_in_order(values: dict[str, float], expected: str | None) -> None:
    """Blank precedes not a digit, and not a digit precedes ambiguous."""
    assert Abstention(not_a_digit=0.8, ambiguous=0.6).reason(**values) == expected


def test_a_picture_without_trust_shows_several_digits(rng: np.random.Generator) -> None:
    """A trust of 0 leaves no picture accepted, a trust of 1 is the same as none."""
    classifier = says([2.0, 1.0, 0.0], Abstention(not_a_digit=0.9), rng)
    images = np.repeat(INK, 2, axis=0)

    refused, accepted = classifier.predict(images, [0.0, 1.0])

    assert (refused.decision, refused.reason) == ("abstain", "several_digits")
    assert accepted == classifier.predict(INK)[0]


@pytest.mark.parametrize(
    ("reject", "trust", "expected"),
    [(0.0, 1.0, 1.0), (0.3, 1.0, 0.7), (0.1, 0.25, 0.6), (0.5, 0.25, 0.0), (0.0, 0.0, 0.0)],
)
def test_certainty_falls_with_the_reject_class(
    reject: float, trust: float, expected: float
) -> None:
    """The certainty of a digit is 1 - P(none) / trust, and never below 0."""
    assert digit_certainty(reject=reject, trust=trust) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("threshold", "certainty", "confidence", "expected"),
    [
        (0.45, 0.9, 0.5, None),
        (0.46, 0.9, 0.5, "ambiguous"),
        (0.46, 0.5, 0.9, "not_a_digit"),
        (0.5, 0.6, 0.6, "not_a_digit"),
        (1.0, 1.0, 1.0, None),
        (0.0, 0.001, 0.3, None),
        (0.0, 0.0, 1.0, "not_a_digit"),
    ],
)
def test_a_threshold_is_met_by_the_product(
    threshold: float, certainty: float, confidence: float, expected: str | None
) -> None:
    """The acceptance score is compared; the reason is its lower factor; 0 is never accepted."""
    assert reason_below(threshold, certainty=certainty, confidence=confidence) == expected


def test_a_prediction_can_be_decided_again(rng: np.random.Generator) -> None:
    """Another threshold changes decision and reason, and nothing else."""
    classifier = says([2.0, 1.0, 0.0], Abstention(not_a_digit=0.01), rng)

    [strict] = classifier.predict(INK)
    lax = strict.with_threshold(0.5)

    assert (strict.decision, strict.reason) == ("abstain", "not_a_digit")
    assert (lax.decision, lax.reason) == ("accept", None)
    assert lax.acceptance == strict.acceptance == strict.certainty * strict.confidence
    assert (lax.digit, lax.probabilities) == (strict.digit, strict.probabilities)
    assert lax.with_threshold(1).reason == "ambiguous"
    reject = classifier.reject_probability(INK)[0]
    assert strict.certainty == pytest.approx(1 - reject)


def test_no_threshold_accepts_a_blank_or_a_picture_without_trust(rng: np.random.Generator) -> None:
    """A threshold of 0 accepts everything but these two, and their reasons stay."""
    classifier = says([2.0, 1.0, 0.0], Abstention(not_a_digit=0.01), rng)
    images = np.concatenate([INK, INK, 0 * INK])

    answers = [one.with_threshold(0) for one in classifier.predict(images, [1.0, 0.0, 1.0])]

    assert [one.reason for one in answers] == [None, "several_digits", "blank"]


def test_a_blank_picture_has_no_confidence(rng: np.random.Generator) -> None:
    """The likeliest digit and the probabilities stay, but the confidence is 0."""
    classifier = says([2.0, 1.0, 0.0], Abstention(not_a_digit=1.0), rng)

    [blank], [ink] = classifier.predict(0 * INK), classifier.predict(INK)

    assert (blank.reason, blank.confidence, blank.acceptance) == ("blank", 0, 0)
    assert (blank.digit, blank.probabilities) == (ink.digit, ink.probabilities)
    assert ink.confidence == max(ink.probabilities)


def test_a_picture_without_trust_is_refused_without_a_reject_class_too() -> None:
    """What preprocessing refused is accepted by no model."""
    assert ONLY_BLANK.reason(contrast=1, reject=0, confidence=1, trust=0) == "several_digits"
    assert ONLY_BLANK.reason(contrast=1, reject=0, confidence=1, trust=0.1) is None


def test_the_reject_class_has_no_part_in_the_probabilities(rng: np.random.Generator) -> None:
    """The softmax is over the labels alone; the reject class has no part in it."""
    classifier = says([2.0, 1.0, 9.0], Abstention(not_a_digit=0.5), rng)

    (answer,) = classifier.predict(INK)

    assert_allclose(answer.probabilities, [math.e / (1 + math.e), 1 / (1 + math.e)], rtol=1e-6)
    assert (answer.digit, answer.decision, answer.reason) == (0, "abstain", "not_a_digit")
    none = math.exp(9) / (math.exp(9) + math.exp(2) + math.exp(1))
    assert_allclose(classifier.reject_probability(INK), [none], rtol=1e-6)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_temperature_divides_the_logits(temperature: float, rng: np.random.Generator) -> None:
    """The temperature scales the log-odds of the digits, and does not change their order."""
    abstention = Abstention(temperature=temperature, not_a_digit=1.0)
    classifier = says([3.0, 1.0, -5.0], abstention, rng)

    ((first, second),) = classifier.probabilities(INK)

    assert_allclose(math.log(first / second), 2 / temperature, rtol=1e-6)


def test_an_unsure_answer_is_ambiguous(rng: np.random.Generator) -> None:
    """Two equally likely digits are ambiguous."""
    classifier = says([1.0, 1.0, -5.0], Abstention(not_a_digit=0.5, ambiguous=0.6), rng)

    assert [answer.reason for answer in classifier.predict(INK)] == ["ambiguous"]


def test_a_model_without_a_reject_class_refuses_only_blanks(rng: np.random.Generator) -> None:
    """Without a reject class there are as many logits as labels, and only blanks are refused."""
    classifier = build("notebook-dnn", labels=(0, 1, 2), rng=rng)
    images = np.zeros((2, 14, 14), np.float32)
    images[1, 3:10, 6] = 1

    assert classifier.abstention is ONLY_BLANK
    assert classifier.logits(images).shape == (2, 3)
    assert classifier.reject_probability(images).tolist() == [0, 0]
    assert [answer.reason for answer in classifier.predict(images)] == ["blank", None]


@pytest.mark.parametrize("name", ["dnn", "cnn", "notebook-dnn"])
def test_every_architecture_can_have_a_reject_class(name: str, rng: np.random.Generator) -> None:
    """Every architecture can have a reject class; its probabilities are over the labels."""
    classifier = build(name, labels=(7, 3), rng=rng, abstention=Abstention(not_a_digit=1.0))
    images = rng.random((3, 14, 14), np.float32)

    assert classifier.class_count == 3
    assert classifier.logits(images).shape == (3, 3)
    assert_allclose(classifier.probabilities(images).sum(axis=1), 1, rtol=1e-12)
    answers: Any = {answer.digit for answer in classifier.predict(images)}
    assert answers <= {7, 3}
