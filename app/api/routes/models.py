"""GET /v1/models and /v1/models/{name}: the models, their versions and their model cards."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.api.etag import IfNoneMatch, json_etag_response
from app.api.openapi.responses import NOT_MODIFIED, problem_responses
from app.api.paths import GET_AND_HEAD
from app.api.schemas import ModelDetail, ModelList, ModelVersion
from app.api.services import Services, ServicesDependency
from app.inference.registry import LoadedModel
from app.inference.registry.index import index_entries, model_names

router = APIRouter(prefix="/v1/models", tags=["models"])

_Version = Annotated[
    str | None,
    Query(description="Number of a version, `stable` or `canary`; default: the served version."),
]


@router.api_route(
    "",
    response_model=ModelList,
    responses=NOT_MODIFIED | problem_responses(401, 429),
    methods=GET_AND_HEAD,
)
async def list_models(services: ServicesDependency, known: IfNoneMatch) -> Response:
    """List the models, the default first, each with its versions, the served one first."""
    loaded, plan = services.registry.models, services.repository.plan
    names = [name for name in model_names(plan, services.registry.default_name) if name in loaded]
    models = []
    for name in names:
        entries = [ModelVersion(**one._asdict()) for one in index_entries(plan, name)]
        models.append(_summary(loaded[name].stable, services) | {"versions": entries})
    return json_etag_response({"models": models}, known)


@router.api_route(
    "/{name}",
    response_model=ModelDetail,
    responses=NOT_MODIFIED | problem_responses(401, 404, 429),
    methods=GET_AND_HEAD,
)
async def get_model(
    name: str, services: ServicesDependency, known: IfNoneMatch, version: _Version = None
) -> Response:
    """Return the model card of one model: of the served version, or of another one."""
    model = services.registry.get(name, version or "stable")
    card = model.pretrained.card.to_dict()
    parameters = {"parameters": model.classifier.network.parameter_count()}
    return json_etag_response(card | _summary(model, services) | parameters, known)


def _summary(model: LoadedModel, services: Services) -> dict[str, Any]:
    card = model.pretrained.card
    return {
        "name": model.name,
        "version": model.version,
        "sha256": model.sha256,
        "labels": list(card.labels),
        "input_shape": list(card.input_shape),
        "preprocessing": card.preprocessing,
        "metrics": card.metrics,
        "default": model is services.registry.default,
    }
