"""What goes over the wire, as the OpenAPI document describes it."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class PredictionQuery(BaseModel):
    """The query parameters of both prediction routes."""

    model_config = ConfigDict(extra="forbid")

    model: str | None = Field(None, description="Name of the model; the default one if left out.")
    include: list[Literal["input", "explanation"]] = Field(
        [],
        description="`input` adds what the model saw and how the image got there, `explanation` "
        "which pixels speak for the digit; repeat the parameter to have both.",
    )
    normalise: Literal["auto", "off"] = Field(
        "auto", description="`off` only makes grey and resizes: for images in MNIST form already."
    )


class Problem(BaseModel):
    """An error, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str = Field(examples=["image: expected PNG, JPEG, ..., got PDF"])
    request_id: str
    error: str = Field(description="The same as detail.")


class ModelReference(BaseModel):
    """Which model gave an answer."""

    name: str = Field(examples=["cnn"])
    version: str = Field(examples=["1"])
    sha256: str = Field(description="SHA-256 of the weights file.")


class ModelInput(BaseModel):
    """What the model saw."""

    pixels: list[list[float]] = Field(description="Rows of 14 grey levels, 0 (black) to 1.")
    png: str = Field(description="The same as a data: URL.")
    steps: list[str] = Field(description="What was done to the image, in order.")


class Explanation(BaseModel):
    """Which pixels speak for the digit."""

    relevance: list[list[float]] = Field(
        description="Rows of 14: what the digit's log-odds lose, in nats, when the pixel turns "
        "black. Positive speaks for the digit, negative against it."
    )


class ImagePrediction(BaseModel):
    """The answer for one image."""

    digit: int = Field(description="The likeliest digit, even if the decision is to abstain.")
    confidence: float = Field(description="Its probability.")
    probabilities: dict[str, float] = Field(description="Softmax over the digits; sums to 1.")
    decision: Literal["accept", "abstain"]
    reason: Literal["blank", "not_a_digit", "ambiguous"] | None = Field(
        description="Why the model abstains; null if it accepts."
    )
    input: ModelInput | None = Field(None, description="Only with include=input.")
    explanation: Explanation | None = Field(None, description="Only with include=explanation.")


class PredictionResponse(ImagePrediction):
    """The answer for one image, with the model that gave it."""

    model: ModelReference
    request_id: str


class ImageProblem(BaseModel):
    """Takes the place of an image that could not be read."""

    error: Problem


class BatchPredictionResponse(BaseModel):
    """The answers for many images, in the order sent."""

    model: ModelReference
    request_id: str
    predictions: list[ImagePrediction | ImageProblem]


class ModelSummary(BaseModel):
    """A model in the list of models."""

    name: str
    version: str
    sha256: str
    labels: list[int]
    input_shape: list[int]
    preprocessing: str
    metrics: dict[str, float]
    default: bool


class ModelList(BaseModel):
    """All models."""

    models: list[ModelSummary]


class ModelDetail(ModelSummary):
    """The whole model card."""

    architecture: str
    parameters: int
    recipe: dict[str, Any]
    seed: int
    training_data_sha256: str
    created: str
    libraries: dict[str, str]
    history: list[dict[str, float]] = Field(
        description="Learning curves, an entry per epoch; empty if none was recorded."
    )


class Health(BaseModel):
    """The state of the process."""

    status: Literal["alive", "ready"]
