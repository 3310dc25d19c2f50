"""What is noted about a request while it is served; the log and the metrics are made of it."""

from dataclasses import dataclass, field

from app.errors import AppError, kind
from app.inference.types import Seen
from model_core.classifier import Prediction


@dataclass(slots=True)
class Record:
    """The answers of one request, what they cost, and what was refused."""

    model: str | None = None
    answers: list[tuple[Prediction, Seen]] = field(default_factory=list)
    inference_seconds: float = 0.0
    refusals: list[str] = field(default_factory=list)

    def refuse(self, error: AppError) -> None:
        """Note that the request, or one image of it, was refused."""
        self.refusals.append(kind(error))
