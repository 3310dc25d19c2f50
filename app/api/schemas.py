"""Schemas of query parameters and JSON documents, for validation and the OpenAPI document."""

from functools import cached_property
from typing import Annotated, Any, Literal, LiteralString

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from app.api.response_document import ResponseDocument
from app.inference.types import Preparation, Rotation


def _expected(kind: LiteralString, what: LiteralString) -> WrapValidator:
    """Return a validator whose error says what is expected."""

    def check(value: object, validate: ValidatorFunctionWrapHandler) -> object:
        try:
            return validate(value)
        except ValidationError:
            raise PydanticCustomError(kind, what) from None

    return WrapValidator(check)


Threshold = Annotated[float, Field(ge=0, le=1), _expected("threshold", "a number from 0 to 1")]
Version = Annotated[
    str,
    Field(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"),
    _expected("version", "a version like 1, or stable or canary"),
]


class ModelQuery(BaseModel):
    """Query parameters of all routes that predict."""

    model_config = ConfigDict(extra="forbid")

    model: str | None = Field(None, description="Name of the model; default: the default model.")
    version: Version | None = Field(
        None,
        description="Version of the model, by its number or as `stable` or `canary`; default: the "
        "stable version, or the canary for its share of the requests.",
    )
    threshold: Threshold | None = Field(
        None,
        description="Smallest acceptance score that is accepted, in place of the model's own "
        "thresholds. The score is the confidence times the certainty that the image shows one of "
        "the digits. A blank image is never accepted.",
    )


class PredictionQuery(ModelQuery):
    """Query parameters of the prediction routes."""

    include: list[Literal["input", "explanation"]] = Field(
        [],
        description="`input` adds the model's input and the preprocessing steps, `explanation` "
        "the relevance of each pixel for the digit; repeat the parameter for both.",
    )
    normalise: Literal["auto", "off"] = Field(
        "auto",
        description="`off` only converts to grey and resizes: for images in MNIST's format.",
    )
    rotate: Rotation = Field(
        "0",
        description="Degrees by which the image is rotated clockwise before it is normalised. "
        "`auto` tries all four angles, in about four times the time, and returns the one with the "
        "highest acceptance score. 0 and 1 look the same upside down.",
    )

    @cached_property
    def preparation(self) -> Preparation:
        """Return how the image is prepared."""
        return Preparation(self.normalise == "auto", self.rotate)


class Problem(ResponseDocument):
    """Problem document of an error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str = Field(examples=["image: expected PNG, JPEG, ..., got PDF"])
    request_id: str
    error: str = Field(description="The same as detail.")


class ModelReference(ResponseDocument):
    """Reference to the model version of a prediction: with it, the answer can be reproduced."""

    name: str = Field(examples=["cnn"])
    version: str = Field(examples=["1"])
    sha256: str = Field(description="SHA-256 of the weights file.")
    preprocessing: str = Field(description="Version of the preprocessing.", examples=["1"])


class ModelInput(ResponseDocument):
    """Input of the model after preprocessing."""

    pixels: list[list[float]] = Field(description="Rows of 14 grey levels, 0 (black) to 1.")
    png: str = Field(description="The same pixels as a PNG in a data: URL.")
    steps: list[str] = Field(description="Preprocessing steps, in order.")


class Explanation(ResponseDocument):
    """Relevance of each pixel for the predicted digit, by occlusion."""

    relevance: list[list[float]] = Field(
        description="Rows of 14: the decrease of the digit's log-odds, in nats, if the pixel is "
        "set to black. Positive: evidence for the digit, negative: evidence against it."
    )


class ImagePrediction(ResponseDocument):
    """Prediction for one image."""

    digit: int = Field(
        description="The most probable digit, even if the decision is to abstain. It means nothing "
        "for a blank image."
    )
    confidence: float = Field(description="The probability of this digit; 0 for a blank image.")
    probabilities: dict[str, float] = Field(description="Softmax over the digits; the sum is 1.")
    decision: Literal["accept", "abstain"]
    reason: Literal["blank", "several_digits", "not_a_digit", "ambiguous"] | None = Field(
        description="Reason to abstain; null if the model accepts."
    )
    input: ModelInput | None = Field(None, description="Only with include=input.")
    explanation: Explanation | None = Field(None, description="Only with include=explanation.")


class PredictionResponse(ImagePrediction):
    """Response with the prediction for one image."""

    model: ModelReference
    request_id: str


class ImageProblem(ResponseDocument):
    """Entry of a batch for an image that could not be decoded."""

    error: Problem


class BatchPredictionResponse(ResponseDocument):
    """Response with the predictions for a batch, in the order sent."""

    model: ModelReference
    request_id: str
    predictions: list[ImagePrediction | ImageProblem]


class ModelSummary(ResponseDocument):
    """Summary of a model card."""

    name: str
    version: str
    sha256: str
    labels: list[int]
    input_shape: list[int]
    preprocessing: str
    metrics: dict[str, float]
    default: bool


class ModelVersion(ResponseDocument):
    """Version of a model in the list of models."""

    version: str
    sha256: str = Field(description="Empty if the version is not loaded.")
    state: Literal["READY", "UNAVAILABLE"]
    role: Literal["stable", "canary", "none"] = Field(
        description="stable: answers requests that name no version."
    )
    reason: str = Field(description="Why it is not loaded, or what is wrong with its file.")


class ListedModel(ModelSummary):
    """Summary of the served version of a model, and all of its versions, that one first."""

    versions: list[ModelVersion]


class RepositoryEntry(ResponseDocument):
    """Version of a model in the index of the model repository."""

    name: str
    version: str
    state: Literal["READY", "UNAVAILABLE"]
    reason: str


class ModelList(ResponseDocument):
    """List of the loaded models, the default first."""

    models: list[ListedModel]


class ModelDetail(ModelSummary):
    """Complete model card."""

    architecture: str
    parameters: int
    recipe: dict[str, Any]
    seed: int
    training_data_sha256: str
    created: str
    libraries: dict[str, str]
    history: list[dict[str, float]] = Field(
        description="Learning curves, one entry per epoch; empty if not recorded."
    )


class Health(ResponseDocument):
    """State of the process."""

    status: Literal["alive", "ready"]
