"""The model repository: POST /v2/repository/index, and load and unload of models."""

from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.messages import StarletteRequest, to_starlette
from app.api.openapi.bodies import CHANGE_BODY, INDEX_BODY
from app.api.openapi.responses import problem_responses
from app.api.responses import json_response
from app.api.schemas import RepositoryEntry
from app.api.services import ServicesDependency

router = APIRouter(prefix="/v2/repository", tags=["model repository"])

_errors = partial(problem_responses, media_type="application/json")


@router.post(
    "/index",
    response_model=list[RepositoryEntry],
    responses=_errors(400, 401, 429),
    openapi_extra=INDEX_BODY,
)
async def list_repository(request: Request, services: ServicesDependency) -> Response:
    """List all versions with their states; with the body `{"ready": true}` those that are ready."""
    document = await services.repository_handler.index(StarletteRequest(request))
    return to_starlette(json_response(document))


_change = partial(
    router.post,
    response_model=list[RepositoryEntry],
    responses=_errors(400, 401, 403, 404, 409),
    openapi_extra=CHANGE_BODY,
)


@_change("/models/{name}/load")
async def load_model(name: str, request: Request, services: ServicesDependency) -> Response:
    """Load the versions of a model that are new in the model directory, in all workers."""
    document = await services.repository_handler.load(StarletteRequest(request), name)
    return to_starlette(json_response(document))


@_change("/models/{name}/versions/{version}/load")
async def load_model_version(
    name: str, version: str, request: Request, services: ServicesDependency
) -> Response:
    """Load one version of a model, in all workers."""
    document = await services.repository_handler.load(StarletteRequest(request), name, version)
    return to_starlette(json_response(document))


@_change("/models/{name}/unload")
async def unload_model(name: str, request: Request, services: ServicesDependency) -> Response:
    """Unload a model, in all workers, until it is loaded again."""
    document = await services.repository_handler.unload(StarletteRequest(request), name)
    return to_starlette(json_response(document))


@_change("/models/{name}/versions/{version}/unload")
async def unload_model_version(
    name: str, version: str, request: Request, services: ServicesDependency
) -> Response:
    """Unload one version of a model, in all workers: a rollback to the version before it."""
    document = await services.repository_handler.unload(StarletteRequest(request), name, version)
    return to_starlette(json_response(document))
