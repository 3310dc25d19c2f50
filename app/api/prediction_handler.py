"""Handler of requests to predict: parses a request, calls the service."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import ClientDisconnect

from app.api.client import client_of
from app.api.feedback.handler import FeedbackHandler
from app.api.messages import HttpRequest, HttpResponse
from app.api.paths import BATCH, FEEDBACK, PREDICTIONS, SHEETS
from app.api.problems import error_response, failure_response, refusal_document
from app.api.query import read_query
from app.api.responses import input_document, json_response, origin, prediction_document
from app.api.schemas import PredictionQuery
from app.api.sheets.handler import SheetHandler
from app.api.uploads import read_image, read_images
from app.api.v2.infer_handler import InferHandler
from app.errors import AppError
from app.inference.caller import AbandonedError
from app.inference.registry import LoadedModel, Registry
from app.inference.service import PredictionService
from app.inference.types import PredictionResult
from app.settings import Settings
from app.telemetry.request_record import log_failure


class PredictionHandler:
    """Handler of POST requests that predict; all HTTP entry points call it."""

    def __init__(
        self,
        settings: Settings,
        registry: Registry,
        predictions: PredictionService,
        feedback: FeedbackHandler,
    ) -> None:
        self._settings = settings
        self._keyed = bool(settings.api_keys)
        self._registry = registry
        self._predictions = predictions
        self._routes: dict[str, Callable[[HttpRequest], Awaitable[HttpResponse]]] = {
            PREDICTIONS: self._predict,
            BATCH: self._predict_batch,
            SHEETS: SheetHandler(settings, registry, predictions).respond,
            FEEDBACK: feedback.respond,
        }
        self._infer = InferHandler(settings, registry, predictions).respond

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """Return the response to a request; every error becomes a problem document.

        Raises: ClientDisconnect if the client has disconnected.
        """
        record = request.record
        try:
            return await self._routes.get(request.path, self._infer)(request)
        except AppError as error:
            record.refuse(error)
            return error_response(error, record.request_id, request.path)
        except (AbandonedError, ClientDisconnect):
            raise ClientDisconnect from None
        except Exception as error:
            log_failure(record, error, "POST", request.path)
            return failure_response(error, record, request.path)

    async def _predict(self, request: HttpRequest) -> HttpResponse:
        query = read_query(request.query)
        model = self._registry.get(query.model, query.version, request.record.request_id)
        data = await read_image(request, self._settings)
        result = await self._predictions.predict(
            data,
            model,
            preparation=query.preparation,
            threshold=query.threshold,
            caller=request,
            client=client_of(request.peer, request.headers, keyed=self._keyed),
        )
        request.record.predicted(model, [result])
        document = prediction_document(result, model)
        document |= origin(model, request.record)
        if query.include:
            document |= await self._extras(query, model, result)
        return json_response(document)

    async def _predict_batch(self, request: HttpRequest) -> HttpResponse:
        query, record = read_query(request.query), request.record
        model = self._registry.get(query.model, query.version, record.request_id)
        uploads = await read_images(request, self._settings)
        outcomes = await self._predictions.predict_batch(
            uploads,
            model,
            preparation=query.preparation,
            threshold=query.threshold,
            caller=request,
            client=client_of(request.peer, request.headers, keyed=self._keyed),
        )
        record.predicted(model, [one for one in outcomes if isinstance(one, PredictionResult)])
        if len(record.results) < len(outcomes):
            record.places = [
                place for place, one in enumerate(outcomes) if isinstance(one, PredictionResult)
            ]
        predictions = [
            refusal_document(one, record)
            if isinstance(one, AppError)
            else prediction_document(one, model)
            for one in outcomes
        ]
        if query.include:
            for document, one in zip(predictions, outcomes, strict=True):
                if isinstance(one, PredictionResult):
                    document |= await self._extras(query, model, one)
        return json_response(origin(model, record) | {"predictions": predictions})

    async def _extras(
        self, query: PredictionQuery, model: LoadedModel, result: PredictionResult
    ) -> dict[str, Any]:
        """Return the optional fields of a prediction that the query includes."""
        extras: dict[str, Any] = {}
        if "input" in query.include:
            extras["input"] = input_document(result)
        if "explanation" in query.include:
            relevance = await self._predictions.explain(result, model)
            extras["explanation"] = {"relevance": relevance.tolist()}
        return extras
