"""The application, put together."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline

from app.access import ApiKeys, TrustedHosts
from app.access_log import AccessLog
from app.concurrency import ConcurrencyLimit
from app.direct import Direct
from app.errors import add_error_handlers
from app.express import Express
from app.head import Head
from app.limits import BodyLimit
from app.metrics import Metrics
from app.observability import Observability
from app.openapi import document_keys
from app.page import load_page
from app.pipeline import Pipeline
from app.places import Places
from app.readiness import Readiness
from app.registry import Registry
from app.routes import health, metrics, models, page, predictions
from app.settings import Settings
from app.state import State
from app.tracing import telemetry
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
