"""Whether the process is alive, and whether it answers."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.openapi import problems
from app.api.responses import json_response
from app.api.schemas import Health
from app.api.services import StateDependency
from app.errors import NotReadyError

router = APIRouter(tags=["operations"])


@router.get("/healthz", response_model=Health)
async def alive() -> Response:
    """Answer as long as the process lives."""
    return json_response({"status": "alive"})


@router.get("/readyz", response_model=Health, responses=problems(503))
async def ready(state: StateDependency) -> Response:
    """Answer 200 once every model is loaded and tested, 503 as soon as a shutdown begins."""
    if not state.readiness.ready:
        raise NotReadyError("service: expected to be ready, got starting or shutting down")
    return json_response({"status": "ready"})
