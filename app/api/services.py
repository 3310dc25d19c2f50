"""What the routes need, made once by create_app."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from app.inference.admission import Places
from app.inference.fast_lane import Express
from app.inference.pipeline import Pipeline
from app.inference.readiness import Readiness
from app.inference.registry import Registry
from app.settings import Settings
from app.telemetry.access_log import AccessLog
from app.telemetry.metrics import Metrics


@dataclass(frozen=True, slots=True)
class State:
    """Everything that lives as long as the process."""

    settings: Settings
    registry: Registry
    pipeline: Pipeline
    readiness: Readiness
    metrics: Metrics
    access_log: AccessLog
    places: Places
    express: Express | None


def get_state(request: Request) -> State:
    """Return the application's state."""
    state: State = request.app.state.digitserve
    return state


async def _resolve(request: Request) -> State:
    return get_state(request)  # in a coroutine, so that FastAPI uses no thread for it


StateDependency = Annotated[State, Depends(_resolve)]
