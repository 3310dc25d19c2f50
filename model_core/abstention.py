"""When an answer is accepted, and when the classifier says that it does not know."""

import math
from dataclasses import dataclass
from typing import Literal

from model_core.errors import AbstentionError

Reason = Literal["blank", "not_a_digit", "ambiguous"]

# Less contrast than this between the lightest and the darkest pixel (0..1) is an empty picture.
# The faintest MNIST digit has six times as much.
BLANK_CONTRAST = 0.1


@dataclass(frozen=True, slots=True)
class Abstention:
    """What probabilities mean and how sure an answer must be; part of the weights file.

    ``temperature`` divides the logits of the digits before their softmax. An answer is not a digit
    if the outcome "none of them" has more than ``not_a_digit``; None: the network has no such
    outcome. It is ambiguous if the likeliest digit has less than ``ambiguous``.
    Units: probabilities, 0..1, both.
    Raises: AbstentionError for values that make no sense.
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
    def knows_none(self) -> bool:
        """Return whether the network has the outcome "none of the digits"."""
        return self.not_a_digit is not None

    def reason(self, *, contrast: float, none: float, confidence: float) -> Reason | None:
        """Return why to abstain, or None to accept.

        Units: ``contrast`` between the lightest and the darkest pixel, 0..1; ``none`` and
        ``confidence``, probabilities of "none of the digits" and of the likeliest digit.
        """
        if contrast < BLANK_CONTRAST:
            return "blank"
        if self.not_a_digit is not None and none > self.not_a_digit:
            return "not_a_digit"
        return "ambiguous" if confidence < self.ambiguous else None


# Of a model that never learned what is no digit.
ONLY_BLANK = Abstention()
