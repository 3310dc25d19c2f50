"""Schemas of feedback: query parameters, bodies and responses."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.api.response_document import ResponseDocument
from app.api.schemas import Version
from app.inference.types import Rotation

# No control characters: PostgreSQL stores no NUL, and the text is shown on one line.
_LINE = r"^[^\x00-\x1f\x7f]*$"

_REQUEST_ID = r"^[A-Za-z0-9._-]{1,128}$"

# Largest place of a picture in a request: more than the boxes of any sheet.
MAX_INDEX = 999_999


def _one_of_both(schema: dict[str, Any]) -> None:
    """Say in the schema that a body has either a request id or a picture."""
    schema["oneOf"] = [{"required": ["request_id"]}, {"required": ["image"]}]
    schema["required"] = ["digit"]
    for name in ("request_id", "image"):  # the empty default is no valid value
        schema["properties"][name].pop("default", None)


class FeedbackBody(BaseModel):
    """JSON body of feedback: the picture or the id of its request, and the true digit."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra=_one_of_both)

    request_id: Annotated[str, Field(pattern=_REQUEST_ID)] = Field(
        "",
        description="Id of a recent request: `request_id` in its answer, or the header "
        "`X-Request-ID`.",
    )
    index: int = Field(
        0,
        ge=0,
        le=MAX_INDEX,
        description="Place of the picture in a batch, or of the box among all boxes of a sheet's "
        "pages, from 0; only with `request_id`.",
    )
    image: str = Field("", description="The image file in base64, or a data: URL.")
    digit: Annotated[int, Field(ge=0, le=9)] | None = Field(
        description="The true digit; null if the picture shows none."
    )
    source: Annotated[str, Field(max_length=200, pattern=_LINE)] | None = Field(
        None, description="Who says so: a name that the caller chooses."
    )


class FeedbackQuery(BaseModel):
    """Query parameters of feedback with a picture, as for a prediction."""

    model_config = ConfigDict(extra="forbid")

    model: str | None = Field(None, description="Name of the model; default: the default model.")
    version: Version | None = Field(None, description="Version of the model.")
    normalise: Literal["auto", "off"] = Field("auto", description="As for a prediction.")
    rotate: Rotation = Field("0", description="As for a prediction.")


class FeedbackListQuery(BaseModel):
    """Query parameters of the list of feedback."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(100, ge=1, le=1000, description="Largest number of entries.")
    after: int = Field(
        0, ge=0, le=2**53, description="`next` of the page before; 0 for the first page."
    )


class FeedbackModel(ResponseDocument):
    """Model version that answered."""

    name: str
    version: str
    sha256: str = Field(description="SHA-256 of the weights file.")


class FeedbackAnswer(ResponseDocument):
    """Answer of the model, and whether it was right."""

    digit: int
    decision: Literal["accept", "abstain"]
    confidence: float
    correct: bool = Field(
        description="Whether the digit is the true one; for a picture without a digit, whether "
        "the model abstained."
    )
    model: FeedbackModel


class FeedbackEntry(ResponseDocument):
    """Feedback for one picture."""

    id: str
    digit: int | None = Field(description="The true digit; null if the picture shows none.")
    source: str | None
    answer: FeedbackAnswer
    request_id: str | None = Field(
        description="Id of the prediction's request; null if the picture was sent."
    )
    sha256: str = Field(description="SHA-256 of the 784 bytes of the picture of 28x28 pixels.")
    has_original: bool = Field(description="Whether the picture is also kept as it was sent.")
    created: datetime
    updated: datetime = Field(description="Time of the last label.")


class FeedbackLabel(ResponseDocument):
    """Label that a picture was given, and the answer at that time."""

    digit: int | None
    source: str | None
    answer: FeedbackAnswer
    created: datetime


class FeedbackDetail(FeedbackEntry):
    """Feedback with all that is kept of it."""

    picture: str = Field(description="The picture in MNIST's format, a PNG in a data: URL.")
    original: str | None = Field(description="The file as it was sent, in a data: URL, or null.")
    labels: list[FeedbackLabel] = Field(description="All labels, the last one at the end.")


class FeedbackPolicy(ResponseDocument):
    """What the service keeps, and how long."""

    originals: bool = Field(description="Whether pictures are also kept as they were sent.")
    days: float | None = Field(description="Days after the last label; null: until deleted.")


class FeedbackPage(ResponseDocument):
    """Page of the list of feedback, oldest first."""

    feedback: list[FeedbackEntry]
    next: int | None = Field(description="Value of `after` for the next page; null at the end.")
    keeps: FeedbackPolicy
