"""Answers of the service as immutable values."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from digitserve_client.problems import ResponseError

Decision = Literal["accept", "abstain"]
Reason = Literal["blank", "several_digits", "not_a_digit", "ambiguous"]


@dataclass(frozen=True, slots=True)
class ModelReference:
    """Reference to the model version that answered: with it, the answer can be reproduced."""

    name: str
    version: str
    sha256: str
    preprocessing: str = ""


@dataclass(frozen=True, slots=True)
class ModelInput:
    """Input of the model: 14 rows of 14 grey levels in 0..1, as a PNG, and how it was made."""

    pixels: list[list[float]]
    png: str
    steps: list[str]


@dataclass(frozen=True, slots=True)
class Prediction:
    """Prediction for one image, or for one box of a sheet.

    ``digit`` is the most probable one even if the decision is to abstain. ``input`` and
    ``relevance`` (14 rows of 14, in nats) are there if they were asked for.
    """

    digit: int
    confidence: float
    probabilities: dict[int, float]
    decision: Decision
    reason: Reason | None
    model: ModelReference
    request_id: str
    input: ModelInput | None = None
    relevance: list[list[float]] | None = None

    @property
    def accepted(self) -> bool:
        """Whether the model accepts its answer."""
        return self.decision == "accept"


# Entry of a batch: an image that cannot be read has an error, and spoils no other.
ImageAnswer = Prediction | ResponseError


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """Answer for a file of a folder: its prediction, or the error that took its place."""

    path: Path
    prediction: Prediction | None = None
    error: OSError | ResponseError | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """Box of a page; ``corners`` are four points [x, y] in pixels, clockwise."""

    corners: list[list[float]]
    row: int
    col: int
    name: str | None
    prediction: Prediction


@dataclass(frozen=True, slots=True)
class SheetField:
    """Neighbouring boxes that form a number; ``boxes`` are their places, from 0."""

    name: str | None
    boxes: list[int]
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """Page of a sheet; ``transform`` is a homography to the rectified page, 3 rows of 3."""

    width: int
    height: int
    transform: list[list[float]]
    boxes: list[Box]
    fields: list[SheetField]
    picture: str | None = None


# Page of a sheet; one of several that cannot be read has an error.
PageAnswer = Page | ResponseError


@dataclass(frozen=True, slots=True)
class Sheet:
    """Boxes of all pages of a sheet."""

    pages: list[PageAnswer]
    model: ModelReference
    request_id: str


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """Version of a model."""

    version: str
    sha256: str
    state: str
    role: str
    reason: str


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What the list of models and the model card both say of a version."""

    name: str
    version: str
    sha256: str
    labels: list[int]
    input_shape: list[int]
    preprocessing: str
    metrics: dict[str, float]
    default: bool


@dataclass(frozen=True, slots=True)
class Model(ModelFacts):
    """Summary of a model's served version, and all of its versions."""

    versions: list[ModelVersion]


@dataclass(frozen=True, slots=True)
class ModelCard(ModelFacts):
    """Complete model card of one version."""

    architecture: str
    parameters: int
    recipe: dict[str, Any]
    seed: int
    training_data_sha256: str
    created: str
    libraries: dict[str, str]
    history: list[dict[str, float]]


@dataclass(frozen=True, slots=True)
class FeedbackAnswer:
    """What the model answered for a picture, and whether it was right."""

    digit: int
    decision: Decision
    confidence: float
    correct: bool
    model: ModelReference


@dataclass(frozen=True, slots=True)
class Feedback:
    """Stored feedback; ``digit`` is None if the picture shows none.

    ``picture`` and ``original`` are data: URLs, and there for ``Client.feedback`` alone.
    """

    id: str
    digit: int | None
    source: str | None
    answer: FeedbackAnswer
    request_id: str | None
    sha256: str
    has_original: bool
    created: datetime
    updated: datetime
    picture: str | None = None
    original: str | None = None
