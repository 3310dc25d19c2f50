"""Record of one request: id, results and refusals, from which it is counted, logged and traced."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from time import perf_counter

import structlog

from app.errors import AppError, kind
from app.inference.registry import LoadedModel
from app.inference.sheets.types import PagePrediction
from app.inference.types import PredictionResult, TensorResult
from model_core.classifier import Decision

logger = structlog.get_logger("digitserve")

OnFinish = Callable[["RequestRecord", str, str, int, float], None]


class RequestRecord:
    """Record of one request, filled while it is served; ``finish`` is called once, at its end.

    Units: ``began`` is a reading of ``time.perf_counter``; ``decode_seconds`` and
    ``preprocess_seconds`` are those of each upload; ``inference_seconds`` is the request's share of
    passes through the network. ``path`` and ``headers`` are set if the request is traced.
    ``places`` are those of the results in a batch in which other images have errors.
    """

    __slots__ = (
        "_on_finish",
        "began",
        "decisions",
        "decode_seconds",
        "headers",
        "inference_seconds",
        "model",
        "pages",
        "path",
        "places",
        "preprocess_seconds",
        "refusals",
        "request_id",
        "results",
        "tensor",
        "warnings",
    )

    def __init__(self, request_id: str, on_finish: OnFinish) -> None:
        self.request_id = request_id
        self.began = perf_counter()
        self.model: LoadedModel | None = None
        self.results: Sequence[PredictionResult] = ()
        self.tensor: TensorResult | None = None
        self.pages: Sequence[PagePrediction] = ()
        self.places: Sequence[int] = ()
        self.decode_seconds: list[float] = []
        self.preprocess_seconds: list[float] = []
        self.decisions: list[Decision] = []
        self.warnings: list[str] = []
        self.inference_seconds = 0.0
        self.refusals: list[str] = []
        self.path = ""
        self.headers: Iterable[tuple[bytes, bytes]] = ()
        self._on_finish = on_finish

    def predicted(self, model: LoadedModel, results: Sequence[PredictionResult]) -> None:
        """Note the results of a model version."""
        self.model, self.results = model, results
        self.inference_seconds = sum([result.inference_seconds for result in results])
        uploads = [result.upload for result in results]
        self.decode_seconds = [upload.decode_seconds for upload in uploads]
        self.preprocess_seconds = [upload.preprocess_seconds for upload in uploads]
        self.decisions = [result.prediction.decision for result in results]
        self.warnings = [upload.warning for upload in uploads if upload.warning]

    def read_sheet(self, model: LoadedModel, pages: Sequence[PagePrediction]) -> None:
        """Note the results of a model version for the boxes of a sheet's pages."""
        self.predicted(model, [result for page in pages for result in page.results])
        self.pages = pages

    def predicted_tensor(self, model: LoadedModel, result: TensorResult) -> None:
        """Note the result of a model version for a tensor."""
        self.model, self.tensor = model, result
        self.inference_seconds = result.inference_seconds
        self.decisions = result.batch.decisions

    def refuse(self, error: AppError) -> None:
        """Note that the request, or one image of it, was refused."""
        self.refusals.append(kind(error))

    def finish(self, route: str, method: str, status: int) -> None:
        """Count, trace and log the request.

        ``route`` is the path with its parameters' names, or ``other``: a label of metrics.
        """
        self._on_finish(self, route, method, status, perf_counter() - self.began)


def log_failure(record: RequestRecord, error: Exception, method: str, path: str) -> None:
    """Log the exception that is being handled, under the id of its request."""
    event = "out of memory" if isinstance(error, MemoryError) else "internal error"
    with suppress(MemoryError):  # the response is more important than the line
        logger.exception(event, request_id=record.request_id, method=method, path=path)
