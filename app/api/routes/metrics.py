"""What Prometheus scrapes."""

from anyio import to_thread
from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from app.api.paths import GET_AND_HEAD
from app.api.services import ServicesDependency
from app.telemetry.metrics import Metrics

router = APIRouter(tags=["operations"])


@router.api_route("/metrics", response_class=PlainTextResponse, methods=GET_AND_HEAD)
async def metrics(services: ServicesDependency) -> Response:
    """Show what was counted since the start, by all processes of the service, for Prometheus."""
    content = await to_thread.run_sync(_expose, services.telemetry.metrics)
    return PlainTextResponse(content, media_type="text/plain; version=0.0.4")


def _expose(metrics: Metrics) -> bytes:
    from app.telemetry.prometheus import expose  # its library takes time that a start need not have

    return expose(metrics)
