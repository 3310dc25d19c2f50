"""Values of a sheet: the task for the decoder process, what it reads, and the predictions."""

from dataclasses import dataclass, field

from app.errors import AppError
from app.inference.types import NormalisedUpload, PredictionResult
from model_core.preprocessing import NormalisedImage

# x and y in pixels of the page as sent.
Corner = tuple[float, float]


@dataclass(frozen=True, slots=True)
class PageTask:
    """Task for the decoder process: one page of a document, from 0.

    ``turns`` are the clockwise quarter turns that make it upright; None asks for samples of all
    that are possible. ``layout`` is a layout in JSON, or empty.
    ``with_picture`` asks for the page's picture, for clients that cannot display a document.
    """

    page: int = 0
    turns: int | None = None
    layout: str = ""
    with_picture: bool = False


@dataclass(frozen=True, slots=True)
class SheetBox:
    """A box: its corners clockwise from the top left one of the upright page, and its place.

    ``digits`` are those that its layout allows in it; None for all.
    """

    corners: tuple[Corner, Corner, Corner, Corner]
    row: int
    col: int
    name: str | None = None
    digits: str | None = None


@dataclass(frozen=True, slots=True)
class SheetField:
    """Boxes that form a number, as places in the list of boxes."""

    boxes: tuple[int, ...]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class PageMap:
    """A page without its pixels: ``transform`` is a homography, row by row, from them.

    ``picture`` is a JPEG in a data: URL, or empty; ``number`` is the page's place, from 0.
    Units: ``width`` and ``height`` in pixels as sent; ``began`` is a reading of
    ``time.perf_counter``, and all durations are those of the decoder process.
    """

    pages: int
    width: int
    height: int
    transform: tuple[float, ...]
    boxes: tuple[SheetBox, ...]
    fields: tuple[SheetField, ...]
    began: float
    decode_seconds: float
    find_seconds: float
    preprocess_seconds: float
    mismatch: str = ""
    picture: str = ""
    number: int = 0

    @property
    def seconds(self) -> float:
        """The time of the page in the decoder process."""
        return self.decode_seconds + self.find_seconds + self.preprocess_seconds


@dataclass(slots=True)
class PageReading:
    """A page that has been read: the normalised picture of each box.

    ``samples`` has the pictures of some boxes in each of the quarter turns ``turns``, if these are
    to be compared: (len(turns), number of boxes).
    """

    page: PageMap
    images: list[NormalisedImage]
    turns: tuple[int, ...] = ()
    samples: list[list[NormalisedImage]] = field(default_factory=list)
    warning: str = ""

    def uploads(self) -> list[NormalisedUpload]:
        """Return an upload for each box; the page's time is divided among them."""
        page, count = self.page, max(1, len(self.images))
        decode = (page.decode_seconds + page.find_seconds) / count
        preprocess = page.preprocess_seconds / count
        pixels = page.width * page.height // count
        return [
            NormalisedUpload(image, pixels, page.began, decode, preprocess, self.warning)
            for image in self.images
        ]


@dataclass(slots=True)
class PagePrediction:
    """A page with the prediction for each of its boxes."""

    page: PageMap
    results: list[PredictionResult]


# Outcome for a page of a document of several.
PageOutcome = PagePrediction | AppError
