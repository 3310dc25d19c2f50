"""Codec of tensors: datatypes, binary representation and JSON data.

Binary data is little-endian and row-major; an element of BYTES is a uint32 length and its bytes.
Source: Open Inference Protocol, "Tensor Data"; Triton's binary tensor data extension.
"""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
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

# Types of the values in JSON, by the kind of the datatype.
_JSON_TYPES: dict[str, set[type]] = {"b": {bool}, "u": {int}, "i": {int}, "f": {int, float}}

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
    dtype, flat = DATATYPES[datatype], _flatten(name, data, shape)
    # before NumPy sees the values: an array of texts takes the length of the longest for each
    valid = set(map(type, flat)) <= _JSON_TYPES[dtype.kind]
    try:
        with np.errstate(over="ignore"):  # infinite: refused where the range is known
            array = np.array(flat if valid else [], dtype)
    except OverflowError:
        valid = False
    if not valid:
        raise MalformedRequestError(f"{name}: expected values of {datatype}, got others")
    return Tensor(name, datatype, shape, array.reshape(shape))


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


def _flatten(name: str, data: list[Any], shape: tuple[int, ...]) -> list[Any]:
    """Return the values of JSON data that is flat or nested as the shape."""
    if not data or not isinstance(data[0], list):
        if len(data) == math.prod(shape):
            return data
        raise MalformedRequestError(
            f"{name}: expected {math.prod(shape)} values for shape {list(shape)}, got {len(data)}"
        )
    level = [data]
    for size in shape:
        if any(not isinstance(one, list) or len(one) != size for one in level):
            raise MalformedRequestError(
                f"{name}: expected data that is flat or nested as {list(shape)}, got another "
                "nesting"
            )
        level = list(chain.from_iterable(level))
    return level
