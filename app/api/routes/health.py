"""Health checks: liveness at /healthz, readiness at /readyz."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.messages import to_starlette
from app.api.openapi.responses import problem_responses
from app.api.paths import GET_AND_HEAD
from app.api.responses import json_response
from app.api.schemas import Health
from app.api.services import ServicesDependency

router = APIRouter(tags=["operations"])


@router.api_route("/healthz", response_model=Health, methods=GET_AND_HEAD)
async def check_liveness() -> Response:
    """Liveness: answer 200 as long as the process runs."""
    return to_starlette(json_response({"status": "alive"}))


@router.api_route(
    "/readyz", response_model=Health, responses=problem_responses(503), methods=GET_AND_HEAD
)
async def check_readiness(services: ServicesDependency) -> Response:
    """Readiness: answer 200 after the start and before the shutdown, else 503."""
    services.readiness.check()
    return to_starlette(json_response({"status": "ready"}))
