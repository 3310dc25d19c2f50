"""GET /metrics: the metrics in Prometheus's text format or OpenMetrics."""

from anyio import to_thread
from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from app.api.openapi.responses import Responses
from app.api.paths import GET_AND_HEAD
from app.api.services import ServicesDependency
from app.telemetry.metrics import Metrics

router = APIRouter(tags=["operations"])

_OPENMETRICS: Responses = {200: {"content": {"application/openmetrics-text": {}}}}


@router.api_route(
    "/metrics",
    methods=GET_AND_HEAD,
    response_class=PlainTextResponse,
    responses=_OPENMETRICS,
)
async def get_metrics(request: Request, services: ServicesDependency) -> Response:
    """Return the metrics of all processes in Prometheus's text format or OpenMetrics."""
    accept = ",".join(request.headers.getlist("accept"))
    content, media_type = await to_thread.run_sync(_expose, services.telemetry.metrics, accept)
    return Response(content, headers={"Content-Type": media_type, "Vary": "Accept"})


def _expose(metrics: Metrics, accept: str) -> tuple[bytes, str]:
    from app.telemetry.prometheus import expose  # imported late: it would slow the start

    return expose(metrics, accept)
