"""Values of feedback: what a model answered, what is true, and what is stored."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from app.inference.registry import LoadedModel
from app.inference.types import PredictionResult

# Folder, and label of metrics, for a picture that shows no digit.
NO_DIGIT = "none"


# Why the database cannot be used, in one word for metrics and logs.
Fault = Literal["busy", "timeout", "locked", "full", "no-tables", "gone"]


class Answer(NamedTuple):
    """Answer of a model version for one picture."""

    model: str
    version: str
    sha256: str
    digit: int
    accepted: bool
    confidence: float

    @classmethod
    def of(cls, model: LoadedModel, result: PredictionResult) -> "Answer":
        """Return the answer that a result of a model version has."""
        one = result.prediction
        accepted = one.decision == "accept"
        return cls(
            model.name, model.version, model.sha256, one.digit, accepted, float(one.confidence)
        )

    def is_correct(self, digit: int | None) -> bool:
        """Return whether the answer is right; None is a picture that shows no digit."""
        return not self.accepted if digit is None else self.digit == digit


class Label(NamedTuple):
    """True digit of a picture, or None if it shows none, and the caller's name for who says so."""

    digit: int | None
    source: str | None = None


class LabelledPicture(NamedTuple):
    """A picture with its label, to be stored.

    Shapes: ``pixels`` are the 784 bytes of the picture in MNIST's format, row by row.
    ``request_id`` is that of the prediction, if the service remembered the picture.
    """

    pixels: bytes
    answer: Answer
    label: Label
    request_id: str | None = None
    original: bytes | None = None


class GivenLabel(NamedTuple):
    """A label that was given once, with the answer at that time."""

    label: Label
    answer: Answer
    created: datetime


@dataclass(frozen=True, slots=True)
class StoredFeedback:
    """Feedback as it is stored; ``number`` counts up, ``labels`` are all that were given, in order.

    Units: times are UTC.
    """

    number: int
    id: str
    picture: LabelledPicture
    sha256: str
    created: datetime
    updated: datetime
    has_original: bool = False
    labels: tuple[GivenLabel, ...] = field(default=())


class Added(NamedTuple):
    """Outcome of adding feedback; ``is_new`` is false if the same label was there already."""

    feedback: StoredFeedback
    is_new: bool
