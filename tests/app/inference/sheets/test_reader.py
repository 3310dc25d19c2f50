"""Reading of a sheet: the predictions of a page are adjusted to the marks on it."""

import asyncio
from unittest.mock import Mock

import numpy as np
import pytest

from app.inference.sheets.reader import SheetReader
from app.inference.sheets.types import PageMap, PagePrediction, PageReading, PageTask, SheetBox
from app.inference.types import NormalisedUpload, PredictionResult
from model_core.abstention import Abstention
from model_core.classifier import Prediction

CORNERS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))

# A mark that looks like a two in a column of marks that do not.
CERTAINTIES = (0.97, *[0.01] * 9)


async def read_page(task: PageTask, *, limited: bool) -> PageReading:
    """Return a page with a column of boxes."""
    boxes = tuple(SheetBox(CORNERS, row, 0) for row in range(len(CERTAINTIES)))
    page = PageMap(1, 10, 10, (1.0,), boxes, (), 0.0, 0.0, 0.0, 0.0)
    return PageReading(page, [Mock() for _ in boxes])


async def predict(uploads: list[NormalisedUpload]) -> list[PredictionResult]:
    """Return predictions that are accepted if they are rather certain."""
    results = []
    for upload, certainty in zip(uploads, CERTAINTIES, strict=True):
        decided = Prediction(2, 1.0, (0.0, 0.0, 1.0), "accept", None, certainty)
        decided = decided if certainty > 0.5 else decided.with_threshold(0.5)
        empty = np.zeros((14, 14), np.float32)
        results.append(PredictionResult(decided, upload.normalised, empty, 0.0, upload, 0.0, 0.0))
    return results


@pytest.mark.parametrize(("threshold", "decision"), [(None, "abstain"), (0.0, "accept")])
def test_a_mark_among_others_that_are_no_digits_abstains(
    threshold: float | None, decision: str
) -> None:
    """Unless the caller accepts all."""
    model = Mock()
    model.classifier.abstention = Abstention(not_a_digit=0.35)
    reader = SheetReader(read_page, predict, model, threshold, 100)

    outcome = asyncio.run(reader.read(None))[0]

    assert isinstance(outcome, PagePrediction)
    assert outcome.results[0].prediction.decision == decision
