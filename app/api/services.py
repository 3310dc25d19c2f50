"""Services of the application: created by ``create_app``, injected into the routes."""

from typing import TYPE_CHECKING, Annotated, NamedTuple

from fastapi import Depends, Request

from app.api.feedback.handler import FeedbackHandler
from app.api.paths import RouteLabels
from app.api.prediction_handler import PredictionHandler
from app.api.repository_handler import RepositoryHandler
from app.inference.readiness import Readiness
from app.inference.registry import Registry
from app.inference.registry.repository import ModelRepository
from app.inference.service import PredictionService
from app.settings import Settings
from app.telemetry.telemetry import Telemetry

if TYPE_CHECKING:
    from app.feedback.service import FeedbackService


class Services(NamedTuple):
    """Objects that all routes share; they live as long as the application."""

    settings: Settings
    registry: Registry
    repository: ModelRepository
    predictions: PredictionService
    handler: PredictionHandler
    repository_handler: RepositoryHandler
    feedback: "FeedbackService | None"  # None if no database is set
    feedback_handler: FeedbackHandler
    readiness: Readiness
    telemetry: Telemetry
    route_labels: RouteLabels


async def _resolve(request: Request) -> Services:
    # A coroutine: FastAPI would call a plain function in a thread.
    services: Services = request.app.state.services
    return services


ServicesDependency = Annotated[Services, Depends(_resolve)]
