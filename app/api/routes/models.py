"""GET /v1/models and /v1/models/{name}: the loaded models and their model cards."""

from typing import Any

from fastapi import APIRouter
from pydantic_core import to_json
from starlette.responses import Response

from app.api.etag import IfNoneMatch, etag_response
from app.api.openapi import NOT_MODIFIED, problem_responses
from app.api.paths import GET_AND_HEAD
from app.api.schemas import ModelDetail, ModelList
from app.api.services import ServicesDependency
from app.inference.registry import LoadedModel

router = APIRouter(prefix="/v1/models", tags=["models"])


@router.api_route(
    "",
    response_model=ModelList,
    responses=NOT_MODIFIED | problem_responses(401, 429),
    methods=GET_AND_HEAD,
)
async def list_models(services: ServicesDependency, known: IfNoneMatch) -> Response:
    """List the models."""
    default = services.registry.default
    models = [_summary(model.stable, default) for model in services.registry.models.values()]
    return _etag_response({"models": models}, known)


@router.api_route(
    "/{name}",
    response_model=ModelDetail,
    responses=NOT_MODIFIED | problem_responses(401, 404, 429),
    methods=GET_AND_HEAD,
)
async def get_model(name: str, services: ServicesDependency, known: IfNoneMatch) -> Response:
    """Return the model card of one model."""
    model = services.registry.get(name)
    card = model.pretrained.card.to_dict()
    parameters = {"parameters": model.classifier.network.parameter_count()}
    summary = _summary(model, services.registry.default)
    return _etag_response(card | summary | parameters, known)


def _summary(model: LoadedModel, default: LoadedModel) -> dict[str, Any]:
    card = model.pretrained.card
    return {
        "name": model.name,
        "version": model.version,
        "sha256": model.sha256,
        "labels": list(card.labels),
        "input_shape": list(card.input_shape),
        "preprocessing": card.preprocessing,
        "metrics": card.metrics,
        "default": model is default,
    }


def _etag_response(content: dict[str, Any], known: list[str]) -> Response:
    return etag_response(to_json(content), known, media_type="application/json")
