"""Inference of the Open Inference Protocol, independent of the transport."""

from app.api.v2.infer_request import IMAGE, InferRequest, find_input, image_files, model_inputs
from app.api.v2.infer_response import InferResponse, output_tensors
from app.api.v2.tensors import Tensor
from app.errors import AppError
from app.inference.caller import Caller
from app.inference.registry import LoadedModel
from app.inference.service import PredictionService
from app.inference.types import Client, PredictionResult, Preparation
from app.telemetry.request_record import RequestRecord
from model_core.classifier import BatchPrediction

_PREPARATION = Preparation()


class Inference:
    """Inference of tensors and of encoded images; every transport calls it."""

    def __init__(self, predictions: PredictionService) -> None:
        self._predictions = predictions

    async def infer(
        self,
        request: InferRequest,
        model: LoadedModel,
        record: RequestRecord,
        *,
        caller: Caller | None,
        client: Client,
    ) -> InferResponse:
        """Return the response to a request, and note the predictions in its record.

        Raises: an AppError for invalid inputs, or of the service; AbandonedError.
        """
        tensor = find_input(request)
        if tensor.name == IMAGE:
            images = model_inputs(tensor, model.classifier.input_shape)
            result = await self._predictions.predict_tensor(images, model, caller=caller)
            record.predicted_tensor(model, result)
            batch = result.batch
        else:
            results = await self._predict_files(tensor, model, caller=caller, client=client)
            record.predicted(model, results)
            rows = [result.prediction for result in results]
            batch = BatchPrediction.of_rows(rows, len(model.classifier.labels))
        outputs = output_tensors(request.outputs, batch, model.classifier.labels)
        return InferResponse(model, request.id, record.request_id, outputs)

    async def _predict_files(
        self, tensor: Tensor, model: LoadedModel, *, caller: Caller | None, client: Client
    ) -> list[PredictionResult]:
        outcomes = await self._predictions.predict_batch(
            image_files(tensor), model, preparation=_PREPARATION, caller=caller, client=client
        )
        results: list[PredictionResult] = []
        for place, outcome in enumerate(outcomes):
            if isinstance(outcome, AppError):
                raise type(outcome)(f"{tensor.name}[{place}]: {outcome}")
            results.append(outcome)
        return results
