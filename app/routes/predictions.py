"""Images in, digits out."""

from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from app.answers import input_answer, json_response, model_reference, prediction_answer
from app.errors import AppError, MalformedRequestError, describe
from app.openapi import BATCH_BODY, SINGLE_BODY, problems
from app.registry import Model
from app.schemas import BatchPrediction, Prediction, PredictionQuery
from app.state import StateDependency
from app.uploads import read_image, read_images

router = APIRouter(prefix="/v1/predictions", tags=["predictions"])


async def get_parameters(
    request: Request, query: Annotated[PredictionQuery, Query()]
) -> PredictionQuery:
    """Return the query parameters; each has one value, so it may be given once."""
    for name, count in Counter(name for name, _ in request.query_params.multi_items()).items():
        if count > 1:
            raise MalformedRequestError(
                f"query parameter {name}: expected it once, got it {count} times"
            )
    return query


Parameters = Annotated[PredictionQuery, Depends(get_parameters)]

_ERRORS = problems(400, 404, 413, 415, 422)


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
    if query.include == "input":
        answer["input"] = input_answer(seen)
    return json_response(answer)


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
        predictions.append(prediction_answer(prediction, model))
        if query.include == "input":
            predictions[-1]["input"] = input_answer(seen)
    return json_response(_origin(request, model) | {"predictions": predictions})


def _origin(request: Request, model: Model) -> dict[str, Any]:
    return {"model": model_reference(model), "request_id": request.state.request_id}
