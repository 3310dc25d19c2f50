"""Prediction service: admission, decoding, normalisation, micro-batching, result."""

from functools import partial

from anyio import CapacityLimiter, to_thread

from app.errors import AppError, OutOfMemoryError, TooBusyError
from app.inference.admission import AdmissionQueue
from app.inference.batcher import MAX_BATCH
from app.inference.caller import NO_CLIENT, Caller, check_connected
from app.inference.pipeline import Pipeline
from app.inference.registry import LoadedModel, Registry
from app.inference.shadow import Shadow
from app.inference.sheets.reader import SheetReader
from app.inference.sheets.types import PageOutcome
from app.inference.small_uploads import Outcome, normalise_small
from app.inference.types import (
    Client,
    NormalisedUpload,
    PredictionResult,
    Preparation,
    TensorResult,
    decide,
)
from app.sheets.layout.layout import Layout
from model_core.explanation import explain
from model_core.parameter import Array


class PredictionService:
    """Prediction service, independent of HTTP: the only way from an upload to a prediction.

    All entry points call it, so limits and results are the same for all of them.
    Raises: TooBusyError if a request is not admitted in time; AbandonedError if the caller has
    disconnected by then; other AppErrors for an upload that is not within the limits.
    """

    def __init__(
        self,
        registry: Registry,
        pipeline: Pipeline,
        admission: AdmissionQueue,
        *,
        shadow: Shadow | None = None,
    ) -> None:
        self.registry = registry
        self._shadow = shadow
        self.admission = admission
        self._pipeline = pipeline
        self._explain_limiter = CapacityLimiter(1)

    async def predict(
        self,
        data: bytes,
        model: LoadedModel,
        *,
        preparation: Preparation,
        threshold: float | None = None,
        caller: Caller | None = None,
        client: Client = NO_CLIENT,
    ) -> PredictionResult:
        """Predict one upload; ``threshold`` replaces the model's own thresholds for accepting.

        Large uploads of different clients share the decoder process fairly.
        """
        if not self.admission.try_acquire():
            await self.admission.acquire()
        try:
            check_connected(caller)
            upload = self._pipeline.normalise_inline(data, preparation)
            if upload is not None:
                return await self._predict_one(upload, model, threshold)
        finally:
            self.admission.release()
        upload = await self._pipeline.normalise_in_process(
            data, preparation, client=client, check=partial(check_connected, caller)
        )
        return await self._predict_one(upload, model, threshold)

    async def predict_batch(
        self,
        uploads: list[bytes],
        model: LoadedModel,
        *,
        preparation: Preparation,
        threshold: float | None = None,
        caller: Caller | None = None,
        client: Client = NO_CLIENT,
    ) -> list[PredictionResult | AppError]:
        """Predict a batch; return a result or an error for each upload, in the same order."""
        await self.admission.acquire()
        try:
            check_connected(caller)
            outcomes = await normalise_small(self._pipeline, uploads, preparation)
            if None not in outcomes:
                return await self._predict_all(outcomes, model, threshold)
        finally:
            self.admission.release()
        limited = True
        for place in [place for place, outcome in enumerate(outcomes) if outcome is None]:
            outcomes[place] = await self._normalise_one_of_batch(
                uploads[place], preparation, caller=caller, client=client, limited=limited
            )
            limited = False
        return await self._predict_all(outcomes, model, threshold)

    async def predict_tensor(
        self, images: Array, model: LoadedModel, *, caller: Caller | None = None
    ) -> TensorResult:
        """Predict model inputs, (N, 14, 14) float32 in 0..1, without preprocessing.

        Passes are shared with uploads; other work takes place between them.
        """
        if not self.admission.try_acquire():
            await self.admission.acquire()
        try:
            parts = []
            for start in range(0, len(images), MAX_BATCH):
                check_connected(caller)
                parts.append(await model.batcher.predict_tensor(images[start : start + MAX_BATCH]))
        finally:
            self.admission.release()
        labels = len(model.classifier.labels)
        result = parts[0] if len(parts) == 1 else TensorResult.join(parts, labels)
        if self._shadow is not None:
            self._shadow.offer_tensor(model, images, result.batch)
        return result

    async def predict_sheet(
        self,
        data: bytes,
        model: LoadedModel,
        *,
        layout: Layout | None = None,
        page: int | None = None,
        with_pictures: bool = False,
        threshold: float | None = None,
        caller: Caller | None = None,
        client: Client = NO_CLIENT,
    ) -> list[PageOutcome]:
        """Predict the boxes of all pages, between which others have their turn, or of one."""
        await self.admission.acquire()
        self.admission.release()
        check = partial(check_connected, caller)
        read = partial(self._pipeline.read_page, data, client=client, check=check)
        predict = partial(self._predict_normalised, model=model, threshold=threshold)
        reader = SheetReader(read, predict, model, threshold, self._pipeline.max_boxes)
        return await reader.read(layout, page=page, with_pictures=with_pictures)

    async def explain(self, result: PredictionResult, model: LoadedModel) -> Array:
        """Return the relevance of each pixel for the predicted digit, computed in a thread.

        Shapes: (14, 14) float32.
        """
        return await to_thread.run_sync(
            explain, model.classifier, result.model_input, limiter=self._explain_limiter
        )

    async def _normalise_one_of_batch(
        self,
        data: bytes,
        preparation: Preparation,
        *,
        caller: Caller | None,
        client: Client,
        limited: bool,
    ) -> NormalisedUpload | AppError:
        """Process a large upload of a batch, if the caller still waits at its turn.

        Return its error, if it is not the first's TooBusy.
        """
        check = partial(check_connected, caller)
        try:
            return await self._pipeline.normalise_in_process(
                data, preparation, client=client, limited=limited, check=check
            )
        except AppError as error:
            if limited and isinstance(error, TooBusyError):
                raise
            return error
        except MemoryError:
            return OutOfMemoryError("image: expected memory to decode it, got none; try again")

    async def _predict_one(
        self, upload: NormalisedUpload, model: LoadedModel, threshold: float | None
    ) -> PredictionResult:
        results = await model.batcher.predict([upload])
        if self._shadow is not None:
            self._shadow.offer(model, results)
        return decide(results[0], threshold)

    async def _predict_all(
        self, outcomes: list[Outcome], model: LoadedModel, threshold: float | None
    ) -> list[PredictionResult | AppError]:
        """Predict all images of a batch; keep its errors."""
        uploads = [one for one in outcomes if isinstance(one, NormalisedUpload)]
        remaining = iter(await self._predict_normalised(uploads, model, threshold))
        return [one if isinstance(one, AppError) else next(remaining) for one in outcomes]

    async def _predict_normalised(
        self, uploads: list[NormalisedUpload], model: LoadedModel, threshold: float | None
    ) -> list[PredictionResult]:
        """Predict all images of a batch or page, a pass at a time."""
        results = await model.batcher.predict_all(uploads)
        if self._shadow is not None:
            self._shadow.offer(model, results)
        return [decide(result, threshold) for result in results]

    def stop(self) -> None:
        """End the decoder process, at the end of the service."""
        self._pipeline.stop()
