"""ASGI application of a replica: the gateway, and what the service's own HTTP server adds to it."""

import asyncio
import sys
from contextlib import redirect_stderr, suppress

import prometheus_targets
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.messages import StarletteRequest, to_starlette
from app.api.paths import BATCH, PREDICTIONS
from app.api.prediction_handler import PredictionHandler
from app.commands.decoding import prepare_decoding
from app.feedback.start import check_feedback
from app.inference.malloc import trim_memory
from app.inference.readiness import Readiness
from app.inference.registry import Trials, load_registry
from app.main import create_app
from app.middleware.gateway import Gateway
from app.server.model_updates import ModelUpdates
from app.server.uvicorn_server import SECURITY_HEADERS
from app.settings import load_settings
from app.telemetry.log.log_config import configure_logs
from app.telemetry.request_id import HEADER
from app.telemetry.tracing import check_tracing

# How often the models are compared with the plan, as by the service's own server.
_TICK_SECONDS = 0.1

_SHORT = {("POST", PREDICTIONS), ("POST", BATCH)}

_HEADERS = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS]


def create_replica_app() -> "ReplicaApp":
    """Create the application in the process of a replica, with the settings of its node.

    Raises: SettingsError, RegistryError, TracingError or FeedbackError, which Ray logs.
    """
    settings = load_settings()
    check_tracing()
    check_feedback(settings)
    registry = load_registry(
        settings.weights_dir,
        default=settings.default_model,
        trials=Trials(settings.canary, settings.shadow),
    )
    prepare_decoding(settings)
    with redirect_stderr(sys.__stderr__):  # Ray's own object says that it is a terminal
        writer = configure_logs(settings.log_level)
    gateway = create_app(settings, registry, Readiness())
    writer.on_lost = gateway.services.telemetry.metrics.count_lost_lines
    gateway.body_limit.on_drained = trim_memory
    gateway.services.repository.follower.on_switch = trim_memory
    return ReplicaApp(gateway)


class ReplicaApp:
    """ASGI application of a replica."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._updates = ModelUpdates(gateway.services.repository)
        gateway.app = _ShortPath(gateway.app, gateway.services.handler)  # type: ignore[assignment]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request; start and stop the service with the replica."""
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
            return
        scope.setdefault("state", {})
        given = next((value for name, value in scope["headers"] if name == HEADER), None)
        await self._gateway(scope, receive, _Headers(send, (HEADER, given)))

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        services = self._gateway.services
        services.telemetry.start()
        services.repository.follower.become(0)
        ticks = asyncio.create_task(self._follow_models())
        try:
            await self._gateway(scope, receive, send)
        finally:
            ticks.cancel()
            services.telemetry.stop()

    async def _follow_models(self) -> None:
        with suppress(asyncio.CancelledError):
            while True:
                self._updates.tick()
                await asyncio.sleep(_TICK_SECONDS)


class _ShortPath:
    """Handling of predictions without FastAPI's routing, which takes a third of their time.

    It also answers at the path of Prometheus's discovery, which only a cluster has.
    """

    def __init__(self, app: ASGIApp, handler: PredictionHandler) -> None:
        self._app, self._handler = app, handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = (scope["method"], scope["path"]) if scope["type"] == "http" else ("", "")
        if request in _SHORT:
            response = await self._handler.handle(StarletteRequest(Request(scope, receive)))
            await to_starlette(response)(scope, receive, send)
        elif request == ("GET", prometheus_targets.PATH):
            await JSONResponse(await prometheus_targets.find_targets())(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class _Headers:
    """ASGI send callable: adds the service's headers to a response.

    Ray adds the request id that it was sent, or that it made: ours is left out if it is the same.
    """

    def __init__(self, send: Send, given: tuple[bytes, bytes | None]) -> None:
        self._send, self._given = send, given

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            own = [pair for pair in message["headers"] if pair != self._given]
            message["headers"] = [*own, *_HEADERS]
        await self._send(message)
