"""Images in, digits out."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.api.openapi import BATCH_BODY, SINGLE_BODY, problems
from app.api.paths import PREDICTIONS
from app.api.responses import input_answer, json_response, model_reference, prediction_answer
from app.api.schemas import BatchPrediction, Prediction, PredictionQuery
from app.api.services import get_state
from app.api.uploads import read_image, read_images
from app.errors import AppError, describe
from app.inference.pipeline import Pipeline
from app.inference.registry import Model
from app.inference.types import Seen

router = APIRouter(prefix=PREDICTIONS, tags=["predictions"])


# FastAPI documents it; who calls the routes has read it (see app/middleware/direct_routes.py).
Parameters = Annotated[PredictionQuery, Query()]

_ERRORS = problems(400, 401, 404, 408, 413, 415, 422, 429)


@router.post("", response_model=Prediction, responses=_ERRORS, openapi_extra=SINGLE_BODY)
async def create_prediction(request: Request, query: Parameters) -> Response:
    """Classify one image: the raw file, a form with the field `image`, or JSON with base64."""
    state = get_state(request)
    model = state.registry.get(query.model)
    data = await read_image(request, state.settings)
    auto = query.normalise == "auto"
    record = request.state.record
    prediction, seen = await state.pipeline.predict(data, model, auto=auto, record=record)
    answer = prediction_answer(prediction, model) | _origin(request, model)
    return json_response(answer | await _extras(query, state.pipeline, model, seen))


@router.post("/batch", response_model=BatchPrediction, responses=_ERRORS, openapi_extra=BATCH_BODY)
async def create_predictions(request: Request, query: Parameters) -> Response:
    """Classify many images: a form with the field `images` repeated."""
    state = get_state(request)
    model = state.registry.get(query.model)
    uploads = await read_images(request, state.settings)
    auto = query.normalise == "auto"
    record = request.state.record
    outcomes = await state.pipeline.predict_batch(uploads, model, auto=auto, record=record)
    predictions: list[dict[str, Any]] = []
    for outcome in outcomes:
        if isinstance(outcome, AppError):
            predictions.append({"error": describe(outcome, request.state.request_id)})
            continue
        prediction, seen = outcome
        extras = await _extras(query, state.pipeline, model, seen)
        predictions.append(prediction_answer(prediction, model) | extras)
    return json_response(_origin(request, model) | {"predictions": predictions})


async def _extras(
    query: PredictionQuery, pipeline: Pipeline, model: Model, seen: Seen
) -> dict[str, Any]:
    """Return what the caller asked to have included."""
    extras: dict[str, Any] = {}
    if "input" in query.include:
        extras["input"] = input_answer(seen)
    if "explanation" in query.include:
        extras["explanation"] = {"relevance": (await pipeline.explain(seen, model)).tolist()}
    return extras


def _origin(request: Request, model: Model) -> dict[str, Any]:
    return {"model": model_reference(model), "request_id": request.state.request_id}
