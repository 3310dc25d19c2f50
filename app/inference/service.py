"""Prediction service: admission, decoding, normalisation, micro-batching, result."""

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

# Longest time that a batch request blocks the event loop before it yields to other requests.
_MAX_BLOCKING_SECONDS = 0.001


class Caller(Protocol):
    """Interface of the service's caller: whether it still waits for the prediction."""

    @property
    def is_disconnected(self) -> bool:
        """Return whether the caller has disconnected; read when its request is admitted."""
        ...


class AbandonedError(Exception):
    """The caller disconnected before its request was admitted."""


class PredictionService:
    """Prediction service, independent of HTTP: the only way from an upload to a prediction.

    All entry points call it, so limits and results are the same for all of them.
    Raises: TooBusyError if a request is not admitted in time; AbandonedError if the caller has
    disconnected by then; other AppErrors for an upload that is not an image within the limits.
    """

    def __init__(self, registry: Registry, pipeline: Pipeline, admission: AdmissionQueue) -> None:
        self.registry = registry
        self.admission = admission
        self._pipeline = pipeline
        self._batchers: dict[str, MicroBatcher] = {}

    async def predict(
        self, data: bytes, model: LoadedModel, *, auto: bool, caller: Caller | None = None
    ) -> PredictionResult:
        """Predict one upload; ``auto`` normalises it, else it is only resized."""
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
        """Predict a batch; return a result or an error for each upload, in the same order."""
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
        """Return the relevance of each pixel for the predicted digit, computed in a thread.

        Shapes: (14, 14) float32.
        """
        return await to_thread.run_sync(
            explain, model.classifier, result.model_input, limiter=self._pipeline.threads
        )

    async def _normalise_all(
        self, uploads: list[bytes], *, auto: bool
    ) -> list[NormalisedUpload | AppError]:
        outcomes: list[NormalisedUpload | AppError] = []
        last_yield = perf_counter()
        for data in uploads:
            if perf_counter() - last_yield > _MAX_BLOCKING_SECONDS:
                await sleep(0)
                last_yield = perf_counter()
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
