"""Codec of tensors: datatypes, binary representation and JSON data.

Binary data is little-endian and row-major; an element of BYTES is a uint32 length and its bytes.
Source: Open Inference Protocol, "Tensor Data"; Triton's binary tensor data extension.
"""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.errors import MalformedRequestError
from app.images.json_image import decode_base64
from model_core.parameter import Array

BYTES = "BYTES"

# The numeric datatypes; BYTES is the only other one.
DATATYPES: dict[str, np.dtype[Any]] = {
    "BOOL": np.dtype("?"),
    **{f"UINT{8 * size}": np.dtype(f"<u{size}") for size in (1, 2, 4, 8)},
    **{f"INT{8 * size}": np.dtype(f"<i{size}") for size in (1, 2, 4, 8)},
    **{f"FP{8 * size}": np.dtype(f"<f{size}") for size in (2, 4, 8)},
}

# Kinds of NumPy's arrays that a JSON list may become, by the kind of the datatype.
_JSON_KINDS = {"b": "b", "u": "iu", "i": "iu", "f": "iuf"}

_LENGTH = struct.Struct("<I")


@dataclass(slots=True, eq=False)
class Tensor:
    """Named tensor; ``values`` is an array of the shape, or for BYTES a list of all elements."""

    name: str
    datatype: str
    shape: tuple[int, ...]
    values: Array | list[bytes]


def decode_binary(name: str, datatype: str, shape: tuple[int, ...], data: bytes) -> Tensor:
    """Decode a tensor's binary representation.

    Raises: MalformedRequestError if it has another number of bytes or elements than the shape.
    """
    if datatype == BYTES:
        return Tensor(name, datatype, shape, _split_elements(name, data, math.prod(shape)))
    dtype = DATATYPES[datatype]
    expected = math.prod(shape) * dtype.itemsize
    if len(data) != expected:
        raise MalformedRequestError(
            f"{name}: expected {expected} bytes for {datatype} {list(shape)}, got {len(data)}"
        )
    return Tensor(name, datatype, shape, np.frombuffer(data, dtype).reshape(shape))


def decode_json(name: str, datatype: str, shape: tuple[int, ...], data: list[Any]) -> Tensor:
    """Decode a tensor's JSON data, flat or nested; an element of BYTES is a text in base64.

    Raises: MalformedRequestError for other values, or another number of them than the shape.
    """
    if datatype == BYTES:
        return Tensor(name, datatype, shape, _decode_texts(name, data, math.prod(shape)))
    try:
        array = np.array(data)
    except ValueError:  # lists of different lengths
        raise MalformedRequestError(
            f"{name}: expected data that is flat or nested as {list(shape)}, got another nesting"
        ) from None
    if array.size != math.prod(shape) or (array.ndim > 1 and array.shape != shape):
        got = f"{array.size} values" if array.ndim == 1 else list(array.shape)
        raise MalformedRequestError(
            f"{name}: expected {math.prod(shape)} values for shape {list(shape)}, got {got}"
        )
    return Tensor(name, datatype, shape, _convert(name, datatype, array).reshape(shape))


def encode_binary(tensor: Tensor) -> bytes:
    """Return a tensor's binary representation."""
    values = tensor.values
    if isinstance(values, list):
        return b"".join([_LENGTH.pack(len(value)) + value for value in values])
    return values.astype(DATATYPES[tensor.datatype], copy=False).tobytes()


def encode_json(tensor: Tensor) -> list[Any]:
    """Return a tensor's flat JSON data; the elements of BYTES are UTF-8 texts."""
    values = tensor.values
    if isinstance(values, list):
        return [value.decode() for value in values]
    flat: list[Any] = values.astype(DATATYPES[tensor.datatype], copy=False).ravel().tolist()
    return flat


def _split_elements(name: str, data: bytes, count: int) -> list[bytes]:
    elements: list[bytes] = []
    start = 0
    while len(elements) < count:
        end = start + _LENGTH.size
        if end <= len(data):
            end += _LENGTH.unpack_from(data, start)[0]
        if end > len(data):
            raise MalformedRequestError(
                f"{name}: expected {count} elements, each a uint32 length and its bytes, got "
                f"{len(elements)} of them in {len(data)} bytes"
            )
        elements.append(data[start + _LENGTH.size : end])
        start = end
    if start < len(data):
        raise MalformedRequestError(
            f"{name}: expected {count} elements in {start} bytes, got {len(data)} bytes"
        )
    return elements


def _decode_texts(name: str, data: Sequence[Any], count: int) -> list[bytes]:
    if len(data) != count:
        raise MalformedRequestError(f"{name}: expected {count} elements, got {len(data)}")
    elements: list[bytes] = []
    for place, text in enumerate(data):
        if not isinstance(text, str):
            raise MalformedRequestError(
                f"{name}[{place}]: expected a text in base64, got {type(text).__name__}"
            )
        elements.append(decode_base64(text, f"{name}[{place}]"))
    return elements


def _convert(name: str, datatype: str, array: Array) -> Array:
    dtype = DATATYPES[datatype]
    with np.errstate(over="ignore"):  # infinite: refused where the range of a tensor is known
        converted: Array = array.astype(dtype) if array.dtype.kind in "biuf" else array
    exact = dtype.kind == "f" or array.size == 0 or np.array_equal(converted, array)
    if (array.dtype.kind not in _JSON_KINDS[dtype.kind] and array.size) or not exact:
        raise MalformedRequestError(f"{name}: expected values of {datatype}, got others")
    return converted
