"""Reading of a sheet: page by page in the decoder process, upright, each box predicted."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Protocol

from app.errors import (
    AppError,
    LayoutMismatchError,
    OutOfMemoryError,
    SheetTooLargeError,
    TooBusyError,
)
from app.inference.registry import LoadedModel
from app.inference.sheets.label_shift import adjust_predictions, group_boxes, least_certainty
from app.inference.sheets.orientation import upright_turns
from app.inference.sheets.types import PageMap, PageOutcome, PagePrediction, PageReading, PageTask
from app.inference.types import NormalisedUpload, PredictionResult
from app.sheets.layout.layout import Layout
from model_core.classifier import Prediction
from model_core.preprocessing import NormalisedImage


class ReadPage(Protocol):
    """Function that reads a page of the sheet in the decoder process."""

    def __call__(self, task: PageTask, *, limited: bool) -> Awaitable[PageReading]:
        """Return the page; the number of tasks that wait refuses a ``limited`` one."""
        ...


# Predicts normalised pictures: returns a result for each, in order.
Predict = Callable[[list[NormalisedUpload]], Awaitable[list[PredictionResult]]]


class SheetReader:
    """Reader of one sheet; samples for the orientation go to the batcher: they do not count."""

    def __init__(
        self,
        read: ReadPage,
        predict: Predict,
        model: LoadedModel,
        threshold: float | None,
        max_boxes: int,
    ) -> None:
        self._read, self._predict, self._batcher = read, predict, model.batcher
        self._least = least_certainty(model.classifier.abstention, threshold)
        self._max_boxes = max_boxes

    async def read(
        self, layout: Layout | None, *, page: int | None = None, with_pictures: bool = False
    ) -> list[PageOutcome]:
        """Read all pages, or only ``page``, from 1; an error of one of several takes its place.

        Raises: the AppError of the only page, or of the first one if none can be read;
        SheetTooLargeError for too many boxes on all pages.
        """
        text = layout.model_dump_json() if layout else ""
        start = 0 if page is None else page - 1
        task = PageTask(start, layout=text, with_picture=with_pictures)
        first = await self._read_page(task, limited=True)
        count, boxes = first.page.pages if page is None else 1, len(first.results)
        outcomes: list[PageOutcome] = [_checked(first)]
        for number in range(1, count):
            outcome = await self._outcome(replace(task, page=number))
            boxes += 0 if isinstance(outcome, AppError) else len(outcome.results)
            self._check_boxes(boxes)
            outcomes.append(outcome)
        errors = [one for one in outcomes if isinstance(one, AppError)]
        if len(errors) == count:
            raise errors[0]
        return outcomes

    def _check_boxes(self, count: int) -> None:
        if count > self._max_boxes:
            raise SheetTooLargeError(
                f"sheet: expected at most {self._max_boxes} boxes on all pages, got at least "
                f"{count}"
            )

    async def _outcome(self, task: PageTask) -> PageOutcome:
        """Return a later page, or its error, if it is that of the page."""
        try:
            return _checked(await self._read_page(task, limited=False))
        except TooBusyError:
            raise
        except AppError as error:
            return error
        except MemoryError:
            return OutOfMemoryError("page: expected memory to read it, got none; try again")

    async def _read_page(self, task: PageTask, *, limited: bool) -> PagePrediction:
        """Read a page; if its digits are upright in another orientation, read it again in that."""
        reading = await self._read(task, limited=limited)
        if reading.turns:
            turns = upright_turns(
                reading.turns, [await self._score(row) for row in reading.samples]
            )
            if turns != reading.turns[0]:
                reading = await self._read(replace(task, turns=turns), limited=False)
        results = await self._predict(reading.uploads())
        self._adjust(reading.page, results)
        return PagePrediction(reading.page, results)

    def _adjust(self, page: PageMap, results: list[PredictionResult]) -> None:
        """Decide anew by the other marks around each box, and by the digits that it may have."""
        groups = group_boxes([box.col for box in page.boxes], [one.boxes for one in page.fields])
        predictions = [result.prediction for result in results]
        adjusted = adjust_predictions(predictions, groups, self._least)
        for result, prediction, box in zip(results, adjusted, page.boxes, strict=True):
            result.prediction = _restrict(prediction, box.digits)

    async def _score(self, images: Sequence[NormalisedImage]) -> float:
        """Return the sum of the acceptance scores of some boxes in one orientation."""
        uploads = [NormalisedUpload(image, 0, 0.0, 0.0, 0.0) for image in images]
        results = await self._batcher.predict_all(uploads)
        return sum(result.prediction.acceptance for result in results)


def _restrict(prediction: Prediction, allowed: str | None) -> Prediction:
    """Return a prediction that abstains from a digit that the layout does not allow in the box."""
    accepted = prediction.decision == "accept"
    if allowed is None or not accepted or str(prediction.digit) in allowed:
        return prediction
    return replace(prediction, decision="abstain", reason="ambiguous")


def _checked(page: PagePrediction) -> PageOutcome:
    """Return a page, or the error of one that does not fit the layout."""
    return LayoutMismatchError(page.page.mismatch) if page.page.mismatch else page
