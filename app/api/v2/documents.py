"""JSON documents of the protocol as schemas, for validation and the OpenAPI document."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.api.response_document import ResponseDocument

Datatype = Literal[
    "BOOL",
    "UINT8",
    "UINT16",
    "UINT32",
    "UINT64",
    "INT8",
    "INT16",
    "INT32",
    "INT64",
    "FP16",
    "FP32",
    "FP64",
    "BYTES",
]


# Names and sizes are repeated in errors, so they have limits.
Name = Annotated[str, Field(max_length=256)]
Size = Annotated[int, Field(ge=0, lt=2**63)]


class _Document(BaseModel):
    """Part of a request: types are not converted, unknown fields are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore")


class InputParameters(_Document):
    """Parameters of an input; others are ignored, except those of shared memory."""

    binary_data_size: Size | None = Field(
        None, description="Bytes of the binary data behind the JSON."
    )
    shared_memory_region: Any = Field(None, description="Not supported: 400.")


class InferInput(_Document):
    """Input tensor; with ``data``, or with binary data behind the JSON."""

    name: Name = Field(examples=["image"])
    shape: list[Size] = Field(max_length=8, examples=[[1, 14, 14]])
    datatype: Datatype = Field(examples=["FP32"])
    parameters: InputParameters | None = None
    data: list[Any] | None = Field(
        None, description="Values, flat or nested; an image file of `image_bytes` is in base64."
    )


class OutputParameters(_Document):
    """Parameters of a requested output; others are ignored, except those of shared memory."""

    binary_data: bool | None = Field(None, description="Binary data behind the JSON.")
    classification: int | None = Field(
        None,
        ge=1,
        description="For `probabilities`: the number of best labels, as `value:index:label`.",
    )
    shared_memory_region: Any = Field(None, description="Not supported: 400.")


class InferOutput(_Document):
    """Requested output."""

    name: Name = Field(examples=["probabilities"])
    parameters: OutputParameters | None = None


class RequestParameters(_Document):
    """Parameters of a request; others are ignored."""

    binary_data_output: bool | None = Field(
        None, description="Binary data for every output whose parameters do not say otherwise."
    )


class InferDocument(_Document):
    """JSON of an inference request."""

    id: str | None = Field(None, description="Returned as it is.")
    parameters: RequestParameters | None = None
    inputs: list[InferInput] = Field(
        max_length=16, description="One tensor: `image` or `image_bytes`."
    )
    outputs: list[InferOutput] | None = Field(
        None, max_length=16, description="Default: all outputs."
    )


class OutputDocument(ResponseDocument):
    """Output tensor of a response; ``data`` is missing if it is binary."""

    name: Literal["probabilities", "digit", "decision", "reason"]
    datatype: Literal["FP32", "INT64", "BYTES"]
    shape: list[int]
    parameters: dict[str, int] | None = None
    data: list[float | int | str] | None = None


class Receipt(ResponseDocument):
    """Parameters of a response: what has answered."""

    sha256: str = Field(description="SHA-256 of the weights file.")
    preprocessing: str = Field(description="Version of the preprocessing.")
    request_id: str


class InferResponseDocument(ResponseDocument):
    """JSON of an inference response."""

    model_name: str
    model_version: str
    id: str | None = None
    parameters: Receipt
    outputs: list[OutputDocument]


class TensorMetadata(ResponseDocument):
    """Name, datatype and shape of a tensor; -1 is any size."""

    name: str
    datatype: Datatype
    shape: list[int]


class MetadataParameters(ResponseDocument):
    """Parameters of a model's metadata: its receipt and labels."""

    sha256: str
    preprocessing: str
    labels: list[int]


class ModelMetadata(ResponseDocument):
    """Metadata of a model."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]
    parameters: MetadataParameters


class ServerMetadata(ResponseDocument):
    """Metadata of the server."""

    name: str
    version: str
    extensions: list[str]


class ServerLive(ResponseDocument):
    """Liveness of the server."""

    live: bool


class ServerReady(ResponseDocument):
    """Readiness of the server."""

    ready: bool


class ModelReady(ResponseDocument):
    """Readiness of a model."""

    name: str
    ready: bool


class ModelConfig(ResponseDocument):
    """Configuration of a model, with the fields of Triton's."""

    name: str
    platform: str
    backend: str
    max_batch_size: int
    input: list[dict[str, Any]]
    output: list[dict[str, Any]]


class Duration(ResponseDocument):
    """Number of events, and the sum of their durations."""

    count: int
    ns: int = Field(description="Nanoseconds.")


class InferStatistics(ResponseDocument):
    """Durations of the stages of inference."""

    compute_input: Duration = Field(description="Decoding and preprocessing, by image.")
    compute_infer: Duration = Field(description="Passes through the network, by request.")


class ModelStatistics(ResponseDocument):
    """Statistics of a model, with those fields of Triton's that are counted."""

    name: str
    version: str
    inference_count: int = Field(description="Images predicted by all entry points.")
    inference_stats: InferStatistics


class StatisticsDocument(ResponseDocument):
    """Statistics of models."""

    model_stats: list[ModelStatistics]
