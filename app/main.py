"""The application, put together."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline

from app.api.openapi import document_keys
from app.api.routes import health, metrics, models, predictions
from app.api.services import State
from app.errors import add_error_handlers
from app.inference.admission import Places
from app.inference.fast_lane import Express
from app.inference.pipeline import Pipeline
from app.inference.readiness import Readiness
from app.inference.registry import Registry
from app.middleware.access import ApiKeys, TrustedHosts
from app.middleware.admission import ConcurrencyLimit
from app.middleware.body_limit import BodyLimit
from app.middleware.direct_routes import Direct
from app.middleware.head import Head
from app.middleware.telemetry import Observability
from app.page import routes as page
from app.page.assets import load_page
from app.settings import Settings
from app.telemetry.access_log import AccessLog
from app.telemetry.metrics import Metrics
from app.telemetry.tracing import telemetry
from app.version import VERSION


def create_app(settings: Settings, registry: Registry, readiness: Readiness) -> FastAPI:
    """Return the service for these settings and models.

    ``readiness`` is true from the end of the start on; whoever ends the process makes it false.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        readiness.start()
        yield
        readiness.stop()

    traced = telemetry()
    app: FastAPI = FastAPIOffline(
        title="digitserve",
        summary="Handwritten digits in, trustworthy answers out.",
        version=VERSION,
        lifespan=lifespan,
        telemetry=traced,
    )
    routers = [routes.router for routes in (predictions, models, health, metrics)]
    for router in (*routers, page.make_router(load_page())):
        app.include_router(router)
    paths = {call: path for router in routers for path, call in _endpoints(router).items()}
    counted = Metrics(registry, paths.values(), workers=settings.workers)
    pipeline = Pipeline(max_pixels=settings.max_pixels, max_scans=settings.max_scans)
    access_log = AccessLog(settings.access_log)
    places = Places(settings.max_concurrent, settings.wait_seconds)
    express = None
    if not (settings.api_keys or settings.trusted_hosts or traced["tracing"]):
        express = Express(settings, registry, pipeline, places, counted, access_log)
    app.state.digitserve = State(
        settings, registry, pipeline, readiness, counted, access_log, places, express
    )
    add_error_handlers(app)
    app.add_middleware(Direct, endpoints=_endpoints(predictions.router))
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    app.add_middleware(Head)
    app.add_middleware(ConcurrencyLimit, places=places)
    if settings.api_keys:
        keys = [key.get_secret_value() for key in settings.api_keys]
        app.add_middleware(ApiKeys, keys=keys)
        document_keys(app)
    if settings.trusted_hosts:
        app.add_middleware(TrustedHosts, hosts=settings.trusted_hosts)
    app.add_middleware(  # added last, so it is the outermost
        Observability, metrics=counted, access_log=access_log, routes=paths
    )
    return app


def _endpoints(router: APIRouter) -> dict[str, Callable[..., Any]]:
    """Return what a router calls, by path."""
    return {route.path: route.endpoint for route in router.routes if isinstance(route, APIRoute)}
