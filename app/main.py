"""The application, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from app.errors import add_error_handlers
from app.head import Head
from app.limits import BodyLimit
from app.observability import RequestId
from app.page import load_page
from app.pipeline import Pipeline
from app.readiness import Readiness
from app.registry import Registry
from app.routes import health, models, page, predictions
from app.settings import Settings
from app.state import State
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

    app: FastAPI = FastAPIOffline(
        title="digitserve",
        summary="Handwritten digits in, trustworthy answers out.",
        version=VERSION,
        lifespan=lifespan,
    )
    pipeline = Pipeline(max_pixels=settings.max_pixels)
    app.state.digitserve = State(settings, registry, pipeline, readiness)
    for routes in (predictions, models, health):
        app.include_router(routes.router)
    app.include_router(page.make_router(load_page()))
    add_error_handlers(app)
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    app.add_middleware(Head)
    app.add_middleware(RequestId)  # added last, so it is the outermost
    return app
