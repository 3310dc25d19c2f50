"""POST /v1/predictions and /v1/predictions/batch."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.messages import StarletteRequest, to_starlette
from app.api.openapi.bodies import BATCH_BODY, SINGLE_BODY
from app.api.openapi.parameters import QUERY
from app.api.openapi.responses import problem_responses
from app.api.paths import PREDICTIONS
from app.api.schemas import BatchPredictionResponse, PredictionResponse
from app.api.services import ServicesDependency

router = APIRouter(prefix=PREDICTIONS, tags=["predictions"])

_ERRORS = problem_responses(400, 401, 404, 408, 413, 415, 422, 429, 503)


@router.post(
    "", response_model=PredictionResponse, responses=_ERRORS, openapi_extra={**SINGLE_BODY, **QUERY}
)
async def predict(request: Request, services: ServicesDependency) -> Response:
    """Classify one image: a raw file, a form with the field `image`, or JSON with base64."""
    return to_starlette(await services.handler.handle(StarletteRequest(request)))


@router.post(
    "/batch",
    response_model=BatchPredictionResponse,
    responses=_ERRORS,
    openapi_extra={**BATCH_BODY, **QUERY},
)
async def predict_batch(request: Request, services: ServicesDependency) -> Response:
    """Classify a batch of images: a form with the repeated field `images`."""
    return to_starlette(await services.handler.handle(StarletteRequest(request)))
