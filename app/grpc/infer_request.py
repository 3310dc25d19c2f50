"""gRPC framing of inference requests: raw contents, or contents by datatype."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.api.v2.infer_request import (
    InferLimits,
    InferRequest,
    OutputRequest,
    check_files_shape,
    check_outputs,
    shared_memory_error,
)
from app.api.v2.tensors import BYTES, DATATYPES, Tensor, decode_binary, decode_json
from app.errors import BodyTooLargeError, MalformedRequestError
from app.grpc.messages import Message, ModelInferRequest, parse
from app.grpc.wire import split_binary

# Field of InferTensorContents for each datatype; FP16 has none.
_CONTENTS = {
    "BOOL": "bool_contents",
    **{f"INT{bits}": "int_contents" for bits in (8, 16, 32)},
    "INT64": "int64_contents",
    **{f"UINT{bits}": "uint_contents" for bits in (8, 16, 32)},
    "UINT64": "uint64_contents",
    "FP32": "fp32_contents",
    "FP64": "fp64_contents",
    BYTES: "bytes_contents",
}

# Largest message without raw contents, in bytes for each value that it may have, as for JSON.
_BYTES_PER_VALUE = 32

# Tensors are few, and their names and shapes short: errors repeat them.
_MAX_TENSORS, _MAX_NAME, _MAX_AXES = 16, 256, 8


@dataclass(frozen=True, slots=True)
class GrpcRequest:
    """Inference request whose tensors are not decoded yet."""

    model: str
    version: str | None
    id: str | None
    head: Message
    raw: list[bytes]


def read_head(message: bytes, limits: InferLimits) -> GrpcRequest:
    """Parse an inference request except for its tensors.

    Raises: MalformedRequestError; BodyTooLargeError for too many bytes that are not raw contents.
    """
    field = ModelInferRequest.RAW_INPUT_CONTENTS_FIELD_NUMBER
    max_rest = limits.max_json_values * _BYTES_PER_VALUE
    rest, raw = split_binary(message, field, max_rest=max_rest)
    head = parse(ModelInferRequest, rest)
    return GrpcRequest(head.model_name, head.model_version or None, head.id or None, head, raw)


def decode_request(request: GrpcRequest, limits: InferLimits) -> InferRequest:
    """Decode the tensors of an inference request, and check its outputs.

    Raises: MalformedRequestError; BodyTooLargeError for a tensor with too many values.
    """
    inputs, raw = request.head.inputs, request.raw
    _check_names("inputs", inputs)
    _check_names("outputs", request.head.outputs)
    if raw and len(raw) != len(inputs):
        raise MalformedRequestError(
            f"raw_input_contents: expected one for each of {len(inputs)} inputs, got {len(raw)}"
        )
    tensors = [
        _decode_tensor(one, raw[place] if raw else None, limits) for place, one in enumerate(inputs)
    ]
    outputs = [_output_request(one) for one in request.head.outputs]
    return InferRequest(request.id, tensors, check_outputs(outputs, binary=True))


def _check_names(field: str, tensors: Sequence[Message]) -> None:
    if len(tensors) > _MAX_TENSORS:
        raise MalformedRequestError(f"{field}: expected at most {_MAX_TENSORS}, got {len(tensors)}")
    for one in tensors:
        if len(one.name) > _MAX_NAME:
            raise MalformedRequestError(
                f"{field}: expected names of at most {_MAX_NAME} characters, got {len(one.name)}"
            )


def _decode_tensor(sent: Message, raw: bytes | None, limits: InferLimits) -> Tensor:
    name, datatype, shape = sent.name, sent.datatype, _shape(sent)
    if "shared_memory_region" in sent.parameters:
        raise shared_memory_error(sent.name)
    if datatype != BYTES and datatype not in DATATYPES:
        expected = ", ".join([*DATATYPES, BYTES])
        raise MalformedRequestError(f"{name}: expected one of {expected}, got {datatype!r}")
    if datatype == BYTES:
        check_files_shape(shape, most=limits.max_images)
    if raw is None:
        return _decode_contents(name, datatype, shape, sent.contents, limits.max_json_values)
    if sent.HasField("contents"):
        raise MalformedRequestError(f"{name}: expected contents or raw contents, got both")
    return decode_binary(name, datatype, shape, raw)


def _decode_contents(
    name: str, datatype: str, shape: tuple[int, ...], contents: Message, max_values: int
) -> Tensor:
    if datatype not in _CONTENTS:
        raise MalformedRequestError(f"{name}: expected raw contents for {datatype}, got others")
    values: Sequence[object] = getattr(contents, _CONTENTS[datatype])
    if len(values) > max_values:
        raise BodyTooLargeError(
            f"{name}: expected at most {max_values} values, got {len(values)}; send large tensors "
            "as raw contents"
        )
    if datatype != BYTES:
        return decode_json(name, datatype, shape, list(values))
    elements = [one for one in values if isinstance(one, bytes)]
    if len(elements) != shape[0]:
        raise MalformedRequestError(f"{name}: expected {shape[0]} elements, got {len(elements)}")
    return Tensor(name, datatype, shape, elements)


def _shape(sent: Message) -> tuple[int, ...]:
    if len(sent.shape) > _MAX_AXES:
        raise MalformedRequestError(
            f"{sent.name}: expected at most {_MAX_AXES} axes, got {len(sent.shape)}"
        )
    shape = tuple(sent.shape)
    if any(size < 0 for size in shape):
        raise MalformedRequestError(
            f"{sent.name}: expected a shape without negative numbers, got {list(shape)}"
        )
    return shape


def _output_request(sent: Message) -> OutputRequest:
    if "shared_memory_region" in sent.parameters:
        raise shared_memory_error(sent.name)
    if "classification" not in sent.parameters:
        return OutputRequest(sent.name, None, True)
    parameter = sent.parameters["classification"]
    count = parameter.int64_param
    if parameter.WhichOneof("parameter_choice") != "int64_param" or count < 1:
        raise MalformedRequestError(
            f"{sent.name}: expected classification as int64_param from 1, got another value"
        )
    return OutputRequest(sent.name, count, True)
