"""Inference requests: contents by datatype, and what is wrong with others."""

from typing import Any

import grpc
import numpy as np
import pytest

from app.api.v2.infer_request import InferLimits
from app.errors import BodyTooLargeError, MalformedRequestError
from app.grpc.infer_request import decode_request, read_head
from app.grpc.messages import ModelInferRequest
from tests.support.grpc_servers import infer_request, send_infer
from tests.support.tensors import image_tensor, model_input, serialise

LIMITS = InferLimits(max_json_values=1000, max_images=4)

VALUES = {
    "BOOL": ("bool_contents", [True, False]),
    "INT8": ("int_contents", [-128, 127]),
    "INT16": ("int_contents", [-(2**15), 2**15 - 1]),
    "INT32": ("int_contents", [-(2**31), 2**31 - 1]),
    "INT64": ("int64_contents", [-(2**63), 2**63 - 1]),
    "UINT8": ("uint_contents", [0, 255]),
    "UINT16": ("uint_contents", [0, 2**16 - 1]),
    "UINT32": ("uint_contents", [0, 2**32 - 1]),
    "UINT64": ("uint64_contents", [0, 2**64 - 1]),
    "FP32": ("fp32_contents", [0.5, -2.25]),
    "FP64": ("fp64_contents", [0.1, 1e300]),
    "BYTES": ("bytes_contents", [b"", b"\xff"]),
}


def decode(**fields: Any) -> Any:
    """Return the decoded request of these fields."""
    message = ModelInferRequest(**fields).SerializeToString()
    return decode_request(read_head(message, LIMITS), LIMITS)


@pytest.mark.parametrize("datatype", VALUES)
def test_contents_by_datatype(datatype: str) -> None:
    """Each datatype has its field; the values arrive as they were sent."""
    field, values = VALUES[datatype]
    one = {"name": "x", "datatype": datatype, "shape": [2], "contents": {field: values}}
    [tensor] = decode(inputs=[one]).inputs

    assert (tensor.name, tensor.datatype, tensor.shape) == ("x", datatype, (2,))
    assert np.array(tensor.values, object).tolist() == values


def test_an_image_in_contents_is_predicted(address: str) -> None:
    """The answer is that for raw contents."""
    values = {"fp32_contents": model_input().ravel().tolist()}
    one = {"name": "image", "datatype": "FP32", "shape": [1, 14, 14], "contents": values}
    with grpc.insecure_channel(address) as channel:
        raw = send_infer(channel, infer_request())
        typed = send_infer(channel, infer_request(inputs=[one], raw_input_contents=[]))

    assert list(typed.raw_output_contents) == list(raw.raw_output_contents)


IMAGE = {"name": "image", "datatype": "FP32", "shape": [1, 14, 14]}
RAW = serialise(image_tensor())
FILES = {"name": "image_bytes", "datatype": "BYTES"}


def typed(datatype: str, shape: list[int], **contents: Any) -> dict[str, Any]:
    """Return the fields of a request with contents by datatype."""
    one = {"name": "x", "datatype": datatype, "shape": shape, "contents": contents}
    return {"inputs": [one]}


MALFORMED: dict[str, tuple[dict[str, Any], str]] = {
    "two inputs": ({"inputs": [IMAGE, IMAGE], "raw_input_contents": [RAW]}, "of 2 inputs, got 1"),
    "both": ({"inputs": [IMAGE | {"contents": {}}], "raw_input_contents": [RAW]}, "got both"),
    "half": ({"inputs": [IMAGE], "raw_input_contents": [RAW[:-1]]}, "expected 784 bytes"),
    "datatype": ({"inputs": [IMAGE | {"datatype": "BF16"}]}, "got 'BF16'"),
    "negative": ({"inputs": [IMAGE | {"shape": [-1, 14, 14]}]}, "without negative numbers"),
    "axes": ({"inputs": [IMAGE | {"shape": [1] * 9}]}, "at most 8 axes"),
    "long name": ({"inputs": [IMAGE | {"name": "x" * 257}]}, "at most 256 characters, got 257"),
    "many inputs": ({"inputs": [IMAGE] * 17}, "inputs: expected at most 16, got 17"),
    "many outputs": ({"outputs": [{"name": "digit"}] * 17}, "outputs: expected at most 16, got 17"),
    "wrong field": (typed("FP32", [1], fp64_contents=[1.0]), "expected 1 values.*got 0"),
    "half floats": (typed("FP16", [1], fp32_contents=[1.0]), "expected raw contents for FP16"),
    "overflow": (typed("INT8", [1], int_contents=[200]), "expected values of INT8"),
    "fewer files": (typed("BYTES", [2], bytes_contents=[b""]), "expected 2 elements, got 1"),
    "many files": ({"inputs": [FILES | {"shape": [5]}]}, "at most 4 elements"),
    "output": ({"outputs": [{"name": "nothing"}]}, "got 'nothing'"),
    "classification": (
        {"outputs": [{"name": "probabilities", "parameters": {"classification": {}}}]},
        "expected classification as int64_param",
    ),
    "shared memory": (
        {"inputs": [IMAGE | {"parameters": {"shared_memory_region": {"string_param": "r"}}}]},
        "shared_memory_region, which is not supported",
    ),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_request_is_refused(case: str) -> None:
    """The message says what was expected."""
    fields, expected = MALFORMED[case]

    with pytest.raises(MalformedRequestError, match=expected):
        decode(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        typed("INT32", [1001], int_contents=[1] * 1001),
        typed("FP64", [4001], fp64_contents=[1.0] * 4001),
    ],
    ids=["values", "bytes"],
)
def test_large_contents_are_refused(fields: dict[str, Any]) -> None:
    """More values than the limit; more than 32 bytes for each of them, before it is parsed."""
    with pytest.raises(BodyTooLargeError, match="as raw contents"):
        decode(**fields)
