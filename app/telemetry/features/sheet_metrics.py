"""Metrics of sheets: pages, boxes of each page and their predictions, seconds of each page."""

from collections.abc import Sequence
from typing import get_args

from app.inference.sheets.types import PagePrediction
from app.telemetry.families import Families
from model_core.abstention import Reason

PAGES = (1, 2, 5, 10, 20, 50, 100)
BOXES = (0, 1, 5, 10, 25, 50, 100, 250, 500, 1000)
PAGE_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 5)

# Label of the reason of an accepted box.
NO_REASON = "none"


class SheetMetrics:
    """Histograms of sheets; their boxes are counted as predictions, too."""

    def __init__(self, families: Families) -> None:
        self._pages = families.histogram(
            "digitserve_sheet_pages", "Pages of a sheet that were read.", PAGES
        )
        self._boxes = families.histogram(
            "digitserve_sheet_boxes", "Boxes found on a page of a sheet.", BOXES
        )
        self._predictions = families.counters(
            "digitserve_sheet_predictions",
            "Boxes of sheets by decision, and by the reason of an abstention.",
            ("decision", "reason"),
            [("accept", NO_REASON), *(("abstain", reason) for reason in get_args(Reason))],
        )
        self._seconds = families.histogram(
            "digitserve_sheet_page_duration_seconds",
            "Time of a page in the decoder process: decode, find the boxes, preprocess each.",
            PAGE_SECONDS,
        )

    def count(self, pages: Sequence[PagePrediction]) -> None:
        """Count the pages of one sheet."""
        self._pages.observe(len(pages))
        for page in pages:
            self._boxes.observe(len(page.results))
            self._seconds.observe(page.page.seconds)
            for result in page.results:
                prediction = result.prediction
                self._predictions[prediction.decision, prediction.reason or NO_REASON].add()
