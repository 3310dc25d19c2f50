"""The Open Inference Protocol under /v2: health, metadata, inference, configuration, statistics."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.types import DecoratedCallable
from pydantic import BaseModel
from starlette.responses import Response

from app.api.etag import IfNoneMatch, json_etag_response
from app.api.messages import StarletteRequest, to_starlette
from app.api.openapi.bodies import INFER_BODY
from app.api.openapi.parameters import VERSION_PARAMETER
from app.api.openapi.responses import INFER_RESPONSE, NOT_MODIFIED, Responses, problem_responses
from app.api.paths import GET_AND_HEAD, V2
from app.api.responses import json_response
from app.api.services import ServicesDependency
from app.api.v2.documents import (
    InferResponseDocument,
    ModelConfig,
    ModelMetadata,
    ModelReady,
    ServerLive,
    ServerMetadata,
    ServerReady,
    StatisticsDocument,
)
from app.api.v2.metadata import model_config, model_metadata, server_metadata
from app.api.v2.statistics import model_statistics
from app.errors import NotSupportedError
from app.inference.registry import LoadedModel

# The type of errors under /v2.
_errors = partial(problem_responses, media_type="application/json")

router = APIRouter(prefix=V2, tags=["Open Inference Protocol"])

_MODEL, _VERSION = "/models/{name}", "/models/{name}/versions/{version}"
_KNOWN = _errors(401, 404, 429)
_INFER = INFER_RESPONSE | _errors(400, 401, 404, 408, 413, 415, 422, 429, 503)

# Extensions of Triton that the service does not have.
_UNSUPPORTED = (
    "/trace/setting",
    f"{_MODEL}/trace/setting",
    "/logging",
    "/systemsharedmemory/{rest:path}",
    "/cudasharedmemory/{rest:path}",
)


async def _find(name: str, request: Request, services: ServicesDependency) -> LoadedModel:
    """Return the version in the path of a request; without one, the stable version."""
    return services.registry.get(name, request.path_params.get("version", "stable"))


ModelDependency = Annotated[LoadedModel, Depends(_find)]


_get = partial(router.api_route, methods=GET_AND_HEAD)


def _get_of_model(
    suffix: str, model: type[BaseModel], responses: Responses
) -> Callable[[DecoratedCallable], DecoratedCallable]:
    """Return the decorator of a function for two routes: a model's, and that of a version of it."""

    def decorate(function: DecoratedCallable) -> DecoratedCallable:
        add = partial(_get, response_model=model, responses=responses)
        add(f"{_VERSION}{suffix}", openapi_extra=VERSION_PARAMETER)(function)
        return add(f"{_MODEL}{suffix}")(function)

    return decorate


@_get("/health/live", response_model=ServerLive)
async def server_live() -> Response:
    """Liveness: answer 200 as long as the process runs."""
    return to_starlette(json_response({"live": True}))


@_get("/health/ready", response_model=ServerReady, responses=_errors(503))
async def server_ready(services: ServicesDependency) -> Response:
    """Readiness: answer 200 after the start and before the shutdown, else 503."""
    services.readiness.check()
    return to_starlette(json_response({"ready": True}))


@_get("", response_model=ServerMetadata, responses=_errors(401, 429))
async def get_server_metadata() -> Response:
    """Return name, version and extensions of the server."""
    return to_starlette(json_response(server_metadata()))


@_get("/models/stats", response_model=StatisticsDocument, responses=_errors(401, 429))
async def get_statistics(services: ServicesDependency) -> Response:
    """Return the statistics of all models."""
    models = [model for one in services.registry.models.values() for model in one.versions]
    return to_starlette(json_response(model_statistics(models, services.telemetry.metrics)))


@_get_of_model("", ModelMetadata, NOT_MODIFIED | _KNOWN)
async def get_model_metadata(
    model: ModelDependency, services: ServicesDependency, known: IfNoneMatch
) -> Response:
    """Return versions, inputs and outputs of a model."""
    return json_etag_response(model_metadata(model, services.registry), known)


@_get_of_model("/ready", ModelReady, _KNOWN | _errors(503))
async def model_ready(model: ModelDependency, services: ServicesDependency) -> Response:
    """Readiness of a model: answer 200 if it is loaded and the service is ready."""
    services.readiness.check()
    return to_starlette(json_response({"name": model.name, "ready": True}))


@_get_of_model("/config", ModelConfig, _KNOWN)
async def get_model_config(model: ModelDependency) -> Response:
    """Return the configuration of a model, in the form of Triton's."""
    return to_starlette(json_response(model_config(model)))


@_get_of_model("/stats", StatisticsDocument, _KNOWN)
async def get_model_statistics(model: ModelDependency, services: ServicesDependency) -> Response:
    """Return the statistics of a model, in the form of Triton's."""
    return to_starlette(json_response(model_statistics([model], services.telemetry.metrics)))


@router.post(
    f"{_MODEL}/infer",
    response_model=InferResponseDocument,
    responses=_INFER,
    openapi_extra=INFER_BODY,
)
@router.post(
    f"{_VERSION}/infer",
    response_model=InferResponseDocument,
    responses=_INFER,
    openapi_extra={**INFER_BODY, **VERSION_PARAMETER},
)
async def infer(name: str, request: Request, services: ServicesDependency) -> Response:  # noqa: ARG001 - documents the path
    """Classify the tensor `image`, or the encoded images in `image_bytes`."""
    return to_starlette(await services.handler.handle(StarletteRequest(request)))


async def _refuse(request: Request) -> Response:
    """Refuse a request of an extension that the service does not have."""
    raise NotSupportedError(
        f"{request.url.path}: expected an extension that GET {V2} lists, got another one"
    )


for _path in _UNSUPPORTED:
    router.add_api_route(_path, _refuse, methods=["GET", "POST"], include_in_schema=False)
