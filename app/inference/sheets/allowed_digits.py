"""Digits that a layout allows in a box: another one is not accepted."""

from collections.abc import Sequence
from dataclasses import replace

from app.inference.sheets.types import PageOutcome, PagePrediction
from model_core.classifier import Prediction


def allow_digits(page: PageOutcome, digits: Sequence[str | None]) -> PageOutcome:
    """Return a page on which digits that are not allowed in their box are abstained.

    ``digits`` has those of each box, None for all.
    """
    if isinstance(page, PagePrediction):
        for result, allowed in zip(page.results, digits, strict=True):
            result.prediction = _restrict(result.prediction, allowed)
    return page


def _restrict(prediction: Prediction, allowed: str | None) -> Prediction:
    accepted = prediction.decision == "accept"
    if allowed is None or not accepted or str(prediction.digit) in allowed:
        return prediction
    return replace(prediction, decision="abstain", reason="ambiguous")
