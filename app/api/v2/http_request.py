"""HTTP framing of inference requests: JSON, and binary data behind it.

Source: Open Inference Protocol over REST; Triton's binary tensor data extension.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from pydantic import ValidationError

from app.api.v2.documents import InferDocument, InferInput, InferOutput
from app.api.v2.infer_request import (
    InferLimits,
    InferRequest,
    OutputRequest,
    check_files_shape,
    check_outputs,
    shared_memory_error,
)
from app.api.v2.tensors import BYTES, Tensor, decode_binary, decode_json
from app.errors import BodyTooLargeError, MalformedRequestError
from app.images.json_image import invalid_json_error

HEADER_LENGTH = b"inference-header-content-length"

# JSON of at most this length is cached when it is parsed: clients repeat what is before the data.
_CACHED_BYTES, _CACHED = 1024, 256

# Largest JSON, in bytes for each value that it may have; a float64 takes up to 25.
_BYTES_PER_VALUE = 32


class _InputHead(NamedTuple):
    """Input as the JSON describes it; ``size`` is that of its binary data, in bytes."""

    name: str
    datatype: str
    shape: tuple[int, ...]
    size: int | None
    data: list[Any] | None


class _Head(NamedTuple):
    """Request as the JSON describes it; ``size`` is that of all binary data, in bytes."""

    id: str | None
    inputs: tuple[_InputHead, ...]
    outputs: tuple[OutputRequest, ...]
    size: int


def read_infer_request(body: bytes, header_length: str, limits: InferLimits) -> InferRequest:
    """Parse the body of an inference request; ``header_length`` is empty without the header.

    Raises: MalformedRequestError; BodyTooLargeError for JSON with too many values.
    """
    length = _json_length(header_length, len(body))
    text = body[:length]
    _check_size(text, limits.max_json_values)
    head = _read_head(text) if length <= _CACHED_BYTES else _parse_head(text)
    if head.size != len(body) - length:
        raise MalformedRequestError(
            f"body: expected {head.size} bytes of binary data behind the JSON, got "
            f"{len(body) - length}"
        )
    inputs: list[Tensor] = []
    for one in head.inputs:
        if one.datatype == BYTES:
            check_files_shape(one.shape, most=limits.max_images)
        if one.size is None:
            inputs.append(decode_json(one.name, one.datatype, one.shape, one.data or []))
        else:
            data = body[length : length + one.size]
            inputs.append(decode_binary(one.name, one.datatype, one.shape, data))
            length += one.size
    return InferRequest(head.id, inputs, head.outputs)


def _json_length(header_length: str, body_length: int) -> int:
    """Return the length of the JSON at the beginning of the body, in bytes."""
    if not header_length:
        return body_length
    valid = header_length.isascii() and header_length.isdecimal() and len(header_length) < 20
    if not valid or int(header_length) > body_length:
        raise MalformedRequestError(
            f"Inference-Header-Content-Length: expected the length of the JSON, at most "
            f"{body_length}, got {header_length[:40]}"
        )
    return int(header_length)


def _check_size(text: bytes, max_values: int) -> None:
    """Check the size of JSON before it is parsed: a value takes more memory than its text.

    Raises: BodyTooLargeError.
    """
    if len(text) <= max_values:
        return
    advice = "; send large tensors as binary data"
    if len(text) > max_values * _BYTES_PER_VALUE:
        raise BodyTooLargeError(
            f"JSON: expected at most {max_values * _BYTES_PER_VALUE} bytes, got {len(text)}{advice}"
        )
    values = text.count(b",") + text.count(b"[") + text.count(b"{")
    if values > max_values:
        raise BodyTooLargeError(f"JSON: expected at most {max_values} values, got more{advice}")


def _parse_head(text: bytes) -> _Head:
    try:
        document = InferDocument.model_validate_json(text)
    except ValidationError as error:
        raise invalid_json_error(error, "an inference request") from None
    inputs = tuple(_input_head(one) for one in document.inputs)
    parameters = document.parameters
    binary = bool(parameters and parameters.binary_data_output)
    outputs = [_output_request(one, binary=binary) for one in document.outputs or []]
    size = sum(one.size or 0 for one in inputs)
    return _Head(document.id, inputs, check_outputs(outputs, binary=binary), size)


_read_head = lru_cache(_CACHED)(_parse_head)


def _input_head(document: InferInput) -> _InputHead:
    parameters, size = document.parameters, None
    if parameters:
        if parameters.shared_memory_region is not None:
            raise shared_memory_error(document.name)
        size = parameters.binary_data_size
    if (size is None) == (document.data is None):
        got = "none" if size is None else "both"
        raise MalformedRequestError(
            f"{document.name}: expected either data or parameters.binary_data_size, got {got}"
        )
    return _InputHead(document.name, document.datatype, tuple(document.shape), size, document.data)


def _output_request(document: InferOutput, *, binary: bool) -> OutputRequest:
    parameters = document.parameters
    if parameters is None:
        return OutputRequest(document.name, None, binary)
    if parameters.shared_memory_region is not None:
        raise shared_memory_error(document.name)
    if parameters.binary_data is not None:
        binary = parameters.binary_data
    return OutputRequest(document.name, parameters.classification, binary)
