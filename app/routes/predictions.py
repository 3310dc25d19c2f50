"""Images in, digits out."""

from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from app.answers import input_answer, json_response, model_reference, prediction_answer
from app.errors import AppError, MalformedRequestError, describe
from app.openapi import BATCH_BODY, SINGLE_BODY, problems
from app.pipeline import Pipeline
from app.registry import Model
from app.schemas import BatchPrediction, Prediction, PredictionQuery
from app.seen import Seen
from app.state import StateDependency
from app.uploads import read_image, read_images

router = APIRouter(prefix="/v1/predictions", tags=["predictions"])


async def get_parameters(
    request: Request, query: Annotated[PredictionQuery, Query()]
) -> PredictionQuery:
    """Return the query parameters; all but `include` have one value and may be given once."""
    for name, count in Counter(name for name, _ in request.query_params.multi_items()).items():
        if count > 1 and name != "include":
            raise MalformedRequestError(
                f"query parameter {name}: expected it once, got it {count} times"
            )
    return query


Parameters = Annotated[PredictionQuery, Depends(get_parameters)]

_ERRORS = problems(400, 401, 404, 408, 413, 415, 422, 429)


@router.post("", response_model=Prediction, responses=_ERRORS, openapi_extra=SINGLE_BODY)
async def create_prediction(
    request: Request, query: Parameters, state: StateDependency
) -> Response:
    """Classify one image: the raw file, a form with the field `image`, or JSON with base64."""
    model = state.registry.get(query.model)
    data = await read_image(request)
    auto = query.normalise == "auto"
    record = request.state.record
    prediction, seen = await state.pipeline.predict(data, model, auto=auto, record=record)
    answer = prediction_answer(prediction, model) | _origin(request, model)
    return json_response(answer | await _extras(query, state.pipeline, model, seen))


@router.post("/batch", response_model=BatchPrediction, responses=_ERRORS, openapi_extra=BATCH_BODY)
async def create_predictions(
    request: Request, query: Parameters, state: StateDependency
) -> Response:
    """Classify many images: a form with the field `images` repeated."""
    model = state.registry.get(query.model)
    uploads = await read_images(request, most=state.settings.max_batch_images)
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
