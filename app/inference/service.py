"""The one path of a prediction: admission, decode, normalise, batch, result."""

from asyncio import sleep
from time import perf_counter
from typing import Protocol

from anyio import to_thread

from app.errors import AppError
from app.inference.admission import AdmissionQueue
from app.inference.batcher import MicroBatcher
from app.inference.pipeline import Pipeline
from app.inference.registry import LoadedModel, Registry
from app.inference.types import NormalisedUpload, PredictionResult
from model_core.explanation import explain
from model_core.parameter import Array

# Seconds that a batch decodes before other requests have a turn of the event loop.
_MAX_BLOCKING_SECONDS = 0.001


class Caller(Protocol):
    """The one for whom a prediction is made."""

    @property
    def is_disconnected(self) -> bool:
        """Return whether the caller has gone; asked when its request is admitted."""
        ...


class AbandonedError(Exception):
    """The caller no longer waits for the prediction."""


class PredictionService:
    """Predicts uploads with the registry's models; knows nothing of HTTP.

    Every caller goes through it, so that limits and answers are the same for all of them.
    Raises: TooBusyError if a request is not admitted in time; AbandonedError if the caller has gone
    when it is admitted; other AppErrors for an upload that is no image within the limits.
    """

    def __init__(self, registry: Registry, pipeline: Pipeline, admission: AdmissionQueue) -> None:
        self.registry = registry
        self.admission = admission
        self._pipeline = pipeline
        self._batchers: dict[str, MicroBatcher] = {}

    async def predict(
        self, data: bytes, model: LoadedModel, *, auto: bool, caller: Caller | None = None
    ) -> PredictionResult:
        """Return the result for one upload; ``auto`` normalises it, else it is only resized."""
        if not self.admission.try_acquire():
            await self.admission.acquire()
        try:
            if caller and caller.is_disconnected:
                raise AbandonedError
            upload = self._pipeline.normalise_inline(data, auto=auto)
            if upload is None:
                upload = await self._pipeline.normalise_in_thread(data, auto=auto)
            [result] = await self._batcher(model).predict([upload])
        finally:
            self.admission.release()
        return result

    async def predict_batch(
        self,
        uploads: list[bytes],
        model: LoadedModel,
        *,
        auto: bool,
        caller: Caller | None = None,
    ) -> list[PredictionResult | AppError]:
        """Return for each upload its result, or the error that takes its place."""
        await self.admission.acquire()
        try:
            if caller and caller.is_disconnected:
                raise AbandonedError
            outcomes = await self._normalise_all(uploads, auto=auto)
            images = [one for one in outcomes if isinstance(one, NormalisedUpload)]
            results = iter(await self._batcher(model).predict(images) if images else ())
        finally:
            self.admission.release()
        return [one if isinstance(one, AppError) else next(results) for one in outcomes]

    async def explain(self, result: PredictionResult, model: LoadedModel) -> Array:
        """Return how much each pixel speaks for the digit, (14, 14) float32; takes some 10 ms.

        Raises: nothing; the thread that decodes large images computes it.
        """
        return await to_thread.run_sync(
            explain, model.classifier, result.model_input, limiter=self._pipeline.threads
        )

    async def _normalise_all(
        self, uploads: list[bytes], *, auto: bool
    ) -> list[NormalisedUpload | AppError]:
        outcomes: list[NormalisedUpload | AppError] = []
        turn_began = perf_counter()
        for data in uploads:
            if perf_counter() - turn_began > _MAX_BLOCKING_SECONDS:
                await sleep(0)
                turn_began = perf_counter()
            try:
                upload = self._pipeline.normalise_inline(data, auto=auto)
                if upload is None:
                    upload = await self._pipeline.normalise_in_thread(data, auto=auto)
                outcomes.append(upload)
            except AppError as error:
                outcomes.append(error)
        return outcomes

    def _batcher(self, model: LoadedModel) -> MicroBatcher:
        if model.name not in self._batchers:
            self._batchers[model.name] = MicroBatcher(model.classifier)
        return self._batchers[model.name]
