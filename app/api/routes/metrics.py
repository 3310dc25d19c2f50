"""What Prometheus scrapes."""

from anyio import to_thread
from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from app.api.services import StateDependency
from app.telemetry.metrics import Metrics

router = APIRouter(tags=["operations"])


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(state: StateDependency) -> Response:
    """Show what was counted since the start, by all processes of the service, for Prometheus."""
    content = await to_thread.run_sync(_expose, state.metrics)
    return PlainTextResponse(content, media_type="text/plain; version=0.0.4")


def _expose(metrics: Metrics) -> bytes:
    from app.telemetry.prometheus import expose  # its library takes time that a start need not have

    return expose(metrics)
