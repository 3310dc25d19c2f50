"""Blocking prediction: the service's pipeline and pass, for callers without an event loop."""

from app.errors import AppError
from app.inference.batch_pass import run_pass
from app.inference.batcher import split
from app.inference.pipeline import Pipeline
from app.inference.registry import LoadedModel
from app.inference.small_uploads import process_together
from app.inference.types import NormalisedUpload, PredictionResult, Preparation, decide


def predict_blocking(
    pipeline: Pipeline,
    uploads: list[bytes],
    model: LoadedModel,
    *,
    preparation: Preparation,
    threshold: float | None = None,
) -> list[PredictionResult]:
    """Predict uploads in this thread and return their results in order.

    Raises: the AppError of the first upload that is not an image within the limits; its message
    has the place of the upload if there are several.
    """
    several = len(uploads) > 1
    together = process_together(pipeline, uploads, preparation)
    normalised = [
        done or _normalise(pipeline, place, data, preparation, several=several)
        for place, (data, done) in enumerate(zip(uploads, together, strict=True))
    ]
    passes = [run_pass([part], model.classifier)[0] for part in split(normalised)]
    return [decide(one, threshold) for part in passes if isinstance(part, list) for one in part]


def _normalise(
    pipeline: Pipeline, place: int, data: bytes, preparation: Preparation, *, several: bool
) -> NormalisedUpload:
    try:
        return pipeline.normalise(data, preparation)
    except AppError as error:
        if several:
            raise type(error)(f"[{place}] {error}") from None
        raise
