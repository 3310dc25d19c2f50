"""Digits that a layout allows in a box: another one is not accepted."""

from dataclasses import replace

from app.inference.sheets.types import PageOutcome, PagePrediction
from model_core.classifier import Prediction


def allow_digits(page: PageOutcome) -> PageOutcome:
    """Return a page on which digits that are not allowed in their box are abstained."""
    if isinstance(page, PagePrediction):
        for result, box in zip(page.results, page.page.boxes, strict=True):
            result.prediction = _restrict(result.prediction, box.digits)
    return page


def _restrict(prediction: Prediction, allowed: str | None) -> Prediction:
    accepted = prediction.decision == "accept"
    if allowed is None or not accepted or str(prediction.digit) in allowed:
        return prediction
    return replace(prediction, decision="abstain", reason="ambiguous")
