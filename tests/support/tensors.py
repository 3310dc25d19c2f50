"""Requests of the Open Inference Protocol."""

import base64
import json
import struct
from typing import Any

import numpy as np

from app.api.v2.tensors import Tensor
from model_core.parameter import Array
from model_core.preprocessing import downsample, normalise
from tests.support.pictures import two


def model_input() -> Array:
    """Return the drawn two as the model's input, (14, 14) float32."""
    pixels = normalise(np.asarray(two()).copy()).pixels
    seen: Array = downsample(pixels[None])[0]
    return seen


def image_tensor(rows: int = 1) -> Tensor:
    """Return a tensor with the drawn two in each row."""
    images = np.repeat(model_input()[None], rows, axis=0)
    return Tensor("image", "FP32", images.shape, images)


def files_tensor(*files: bytes) -> Tensor:
    """Return a tensor of encoded images."""
    return Tensor("image_bytes", "BYTES", (len(files),), list(files))


def serialise(tensor: Tensor) -> bytes:
    """Return a tensor's binary representation, as tritonclient makes it."""
    if isinstance(tensor.values, list):
        return b"".join(struct.pack("<I", len(one)) + one for one in tensor.values)
    return tensor.values.tobytes()


def describe(tensor: Tensor, **more: Any) -> dict[str, Any]:
    """Return the description of a tensor in JSON."""
    kind = {"name": tensor.name, "datatype": tensor.datatype, "shape": list(tensor.shape)}
    return kind | more


def binary_request(
    *tensors: Tensor, binary_output: bool = True, **more: Any
) -> tuple[bytes, bytes]:
    """Return the JSON of a request with binary data, and the data."""
    buffers = [serialise(tensor) for tensor in tensors]
    inputs = [
        describe(tensor, parameters={"binary_data_size": len(buffer)})
        for tensor, buffer in zip(tensors, buffers, strict=True)
    ]
    document = {"inputs": inputs, "parameters": {"binary_data_output": binary_output}} | more
    return json.dumps(document, separators=(",", ":")).encode(), b"".join(buffers)


def json_request(*tensors: Tensor, **more: Any) -> bytes:
    """Return a request whose tensors are in JSON, nested."""
    inputs = [describe(tensor, data=_data(tensor)) for tensor in tensors]
    return json.dumps({"inputs": inputs} | more).encode()


def _data(tensor: Tensor) -> list[Any]:
    if isinstance(tensor.values, list):
        return [base64.b64encode(one).decode() for one in tensor.values]
    data: list[Any] = tensor.values.tolist()
    return data
