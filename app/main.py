"""Application factory: creates the services, routes and gateway from the settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from fastapi_offline import FastAPIOffline

from app.api.feedback.documents import policy_document
from app.api.feedback.handler import FeedbackHandler
from app.api.openapi import document
from app.api.paths import GET_AND_HEAD, RouteLabels
from app.api.prediction_handler import PredictionHandler
from app.api.problems import add_error_handlers
from app.api.repository_handler import RepositoryHandler
from app.api.routes import feedback as feedback_routes
from app.api.routes import health, layouts, metrics, models, predictions, sheets, v2
from app.api.routes import repository as repository_routes
from app.api.services import Services
from app.feedback.start import create_feedback
from app.grpc import methods as grpc_methods
from app.inference.admission import AdmissionQueue
from app.inference.limits import decode_limits
from app.inference.pipeline import Pipeline
from app.inference.readiness import Readiness
from app.inference.registry import Registry
from app.inference.registry.repository import ModelRepository
from app.inference.registry.shared_plan import SharedPlan
from app.inference.service import PredictionService
from app.inference.shadow import Shadow
from app.middleware.access import AccessControl
from app.middleware.gateway import Gateway
from app.page import routes as page
from app.page.assets import load_page
from app.settings import Settings
from app.telemetry.log.access_log import AccessLog, WriteLine, log_event
from app.telemetry.metrics import Metrics
from app.telemetry.telemetry import Telemetry
from app.version import VERSION

_ROUTERS = [
    routes.router
    for routes in (
        predictions,
        sheets,
        layouts,
        feedback_routes,
        models,
        v2,
        repository_routes,
        health,
        metrics,
    )
]

# Off: app/telemetry makes the spans, also for requests of the fast path, which FastAPI never gets.
_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "auto_configure": False,
}


def create_app(
    settings: Settings,
    registry: Registry,
    readiness: Readiness,
    *,
    write_line: WriteLine = log_event,
) -> Gateway:
    """Create the ASGI application for these settings and models.

    The application sets ``readiness`` when its start is complete; the server clears it before it
    stops. ``write_line`` gets the log line of each request.
    """
    labels = RouteLabels(_routes(settings))
    plan = SharedPlan(settings.workers)
    counted = Metrics(
        registry,
        labels.routes,
        plan,
        shadow=settings.shadow,
        feedback=settings.database_url is not None,
    )
    feedback = create_feedback(settings, counted.feedback.count_fault)
    service = _prediction_service(settings, registry, counted)
    repository = ModelRepository(settings.weights_dir, registry, plan, on_load=counted.count_loads)
    feedback_handler = FeedbackHandler(
        settings, registry, service, feedback, counted.feedback.count
    )
    services = Services(
        settings=settings,
        registry=registry,
        repository=repository,
        predictions=service,
        handler=PredictionHandler(settings, registry, service, feedback_handler),
        repository_handler=RepositoryHandler(repository, registry),
        feedback=feedback,
        feedback_handler=feedback_handler,
        readiness=readiness,
        telemetry=Telemetry(
            counted,
            AccessLog(settings.access_log, write_line),
            feedback.recent if feedback else None,
        ),
        route_labels=labels,
    )
    keys = [key.get_secret_value() for key in settings.api_keys]
    app = _create_api(services, keyed=bool(keys))
    admin_key = settings.admin_key.get_secret_value() if settings.admin_key else None
    access = AccessControl(keys=keys, hosts=settings.trusted_hosts, admin_key=admin_key)
    return Gateway(app, services, access)


def _prediction_service(
    settings: Settings, registry: Registry, counted: Metrics
) -> PredictionService:
    pipeline = Pipeline(
        decode_limits(settings),
        observe_wait=counted.decoder_wait.observe,
        on_kill=counted.decoder_kills.add,
    )
    admission = AdmissionQueue(
        settings.max_concurrent,
        settings.wait_seconds,
        observe_wait=counted.admission_wait.observe,
    )
    shadow = Shadow(registry, settings.shadow, counted.shadow) if settings.shadow else None
    return PredictionService(registry, pipeline, admission, shadow=shadow)


def _create_api(services: Services, *, keyed: bool) -> FastAPI:
    """Create the FastAPI application with all routes; ``keyed`` if API keys are set."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await to_thread.run_sync(int)  # anyio loads what its threads need at their first use
        services.readiness.ready = True
        if services.feedback is not None:
            services.feedback.start()
        yield
        services.readiness.ready = False
        services.predictions.stop()
        if services.feedback is not None:
            services.feedback.stop()

    app: FastAPI = FastAPIOffline(
        title="digitserve",
        summary="Handwritten digits in, trustworthy answers out.",
        description=document.DESCRIPTION,
        version=VERSION,
        license_info={"name": "MIT", "identifier": "MIT"},
        servers=document.SERVERS,
        openapi_tags=document.TAGS,
        lifespan=lifespan,
        telemetry=_NO_TELEMETRY,
    )
    for route in app.routes:  # FastAPI's documentation routes have only GET
        if isinstance(route, APIRoute):
            route.methods = set(GET_AND_HEAD)
    keeps = policy_document(services.settings) if services.feedback else None
    for router in (*_ROUTERS, page.make_router(load_page(keeps))):
        # include_router would build every route again: 50 ms, and 7 MB in each worker process
        app.router.routes.extend(router.routes)
    app.state.services = services
    app.state.allowed_methods = _allowed_methods
    add_error_handlers(app)
    document.customise_document(app, keyed=keyed)
    return app


def _routes(settings: Settings) -> list[str]:
    """Return the paths of all routes, which are labels of metrics."""
    paths = [path for router in _ROUTERS for path in _paths(router)]
    return paths if settings.grpc_port is None else [*paths, *grpc_methods.ROUTES]


def _allowed_methods(path: str) -> str:
    """Return the methods of all routes that match a path, for the header Allow.

    Source: RFC 9110, "HTTP Semantics", section 15.5.6.
    """
    routes = [route for router in _ROUTERS for route in router.routes]
    matching = [
        route for route in routes if isinstance(route, APIRoute) and route.path_regex.match(path)
    ]
    return ", ".join(sorted({method for route in matching for method in route.methods or ()}))


def _paths(router: APIRouter) -> list[str]:
    return [route.path for route in router.routes if isinstance(route, APIRoute)]
