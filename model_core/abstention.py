"""The reject option: when a prediction is accepted, and when the classifier abstains."""

import math
from dataclasses import dataclass
from typing import Literal

from model_core.errors import AbstentionError

Reason = Literal["blank", "several_digits", "not_a_digit", "ambiguous"]

# A picture with less contrast than this between lightest and darkest pixel (0..1) is empty.
# The faintest MNIST digit has six times as much.
BLANK_CONTRAST = 0.1


@dataclass(frozen=True, slots=True)
class Abstention:
    """Temperature scaling and the thresholds of the reject option; part of the weights file.

    ``temperature`` divides the logits of the digits before their softmax. A picture is not a digit
    if the reject class has a probability above ``not_a_digit``; None: the network has no reject
    class. An answer is ambiguous if the likeliest digit has a probability below ``ambiguous``.
    Units: both thresholds are probabilities, 0..1.
    Raises: AbstentionError for a value out of range.
    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2.
    """

    temperature: float = 1.0
    not_a_digit: float | None = None
    ambiguous: float = 0.0

    def __post_init__(self) -> None:
        self._expect("temperature", "a number more than 0", 0 < self.temperature < math.inf)
        self._expect("ambiguous", "0 to 1", 0 <= self.ambiguous <= 1)
        if self.not_a_digit is not None:
            self._expect("not_a_digit", "0 to 1, or null", 0 <= self.not_a_digit <= 1)

    def _expect(self, name: str, expected: str, fits: bool) -> None:
        if not fits:
            raise AbstentionError(f"{name}: expected {expected}, got {getattr(self, name)}")

    @property
    def has_reject_class(self) -> bool:
        """Whether the network has a reject class beside the digits."""
        return self.not_a_digit is not None

    def reason(
        self, *, contrast: float, reject: float, confidence: float, trust: float = 1.0
    ) -> Reason | None:
        """Return the reason to abstain, or None to accept the answer.

        Units: ``contrast`` between the lightest and the darkest pixel, 0..1; ``reject`` and
        ``confidence``, probabilities of the reject class and of the likeliest digit; ``trust`` in
        the picture, 0..1, multiplies the threshold of the reject class; it is 0 for a picture of
        several digits, which is never accepted.
        """
        if contrast < BLANK_CONTRAST:
            return "blank"
        if trust <= 0:
            return "several_digits"
        if self.not_a_digit is not None and reject > self.not_a_digit * trust:
            return "not_a_digit"
        return "ambiguous" if confidence < self.ambiguous else None


def digit_certainty(*, reject: float, trust: float) -> float:
    """Return how certain it is that a picture shows one of the digits, 0..1.

    It is 1 - ``reject`` / ``trust``, not below 0: the probability that the picture does not belong
    to the reject class, which counts as more probable in a picture of little ``trust``.
    """
    return 1 - min(1.0, reject / trust) if trust > 0 else 0.0


def reason_below(threshold: float, *, certainty: float, confidence: float) -> Reason | None:
    """Return the reason to abstain at a threshold that the caller chose, or None to accept.

    The acceptance score is ``certainty`` (of ``digit_certainty``) times ``confidence`` (in the
    likeliest digit); a picture without any is never accepted. The reason is the lower factor.
    Units: all are in 0..1.
    """
    score = certainty * confidence
    if score > 0 and score >= threshold:
        return None
    return "not_a_digit" if certainty <= confidence else "ambiguous"


# For a network without a reject class: only an empty picture gets no answer.
ONLY_BLANK = Abstention()
