"""Metrics of feedback: labels by answered and true digit, and faults of the database."""

from itertools import product
from typing import get_args

from app.feedback.types import NO_DIGIT, Answer, Fault, Label
from app.telemetry.families import DIGIT_LABELS, Families, digit_label
from app.telemetry.version_slots import VersionSlots

_TRUE_DIGITS = (*map(str, range(10)), NO_DIGIT)


class FeedbackMetrics:
    """Counters of feedback; if it is not ``on``, they have no values."""

    def __init__(
        self, families: Families, version_families: Families, versions: VersionSlots, *, on: bool
    ) -> None:
        self._versions = versions
        self._labels = version_families.counters(
            "digitserve_feedback",
            "Labels stored, by the digit that the model answered and the true one.",
            ("digit", "true_digit", "correct"),
            [
                (answered, true, correct)
                for answered, true in product(DIGIT_LABELS, _TRUE_DIGITS)
                for correct in _outcomes(answered, true)
                if on
            ],
        )
        self._faults = families.counters(
            "digitserve_feedback_faults",
            "Requests of feedback that the database could not serve, by reason.",
            ("fault",),
            [(fault,) for fault in get_args(Fault) if on],
        )

    def count(self, answer: Answer, label: Label) -> None:
        """Count a label that is new."""
        self._versions.select_name(answer.model, answer.version)
        true = NO_DIGIT if label.digit is None else str(label.digit)
        correct = "yes" if answer.is_correct(label.digit) else "no"
        self._labels[digit_label(answer.digit), true, correct].add()

    def count_fault(self, fault: Fault) -> None:
        """Count a request that the database could not serve."""
        self._faults[fault,].add()


def _outcomes(answered: str, true: str) -> tuple[str, ...]:
    """Return the values of ``correct``: for a picture without a digit, an abstention is right."""
    if true == NO_DIGIT:
        return ("yes", "no")
    return ("yes",) if answered == true else ("no",)
