"""HTTP framing of inference responses: JSON, and binary data behind it."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from pydantic_core import to_json

from app.api.messages import HttpResponse
from app.api.v2.infer_request import OutputRequest
from app.api.v2.infer_response import InferResponse
from app.api.v2.tensors import encode_binary, encode_json

_JSON = ((b"content-type", b"application/json"),)
_BINARY = (b"content-type", b"application/octet-stream")

# Encoded parts of JSON that are cached: a model, and the descriptions of binary outputs.
_CACHED = 256

_Description = tuple[str, str, tuple[int, ...], int]


def infer_http_response(response: InferResponse, wanted: Sequence[OutputRequest]) -> HttpResponse:
    """Return an inference response as HTTP; ``wanted`` says which outputs are binary."""
    if all(output.binary for output in wanted):  # the usual case, in a fraction of the time
        buffers = [encode_binary(tensor) for tensor in response.outputs]
        outputs = _describe_binary(
            tuple(
                [
                    (tensor.name, tensor.datatype, tensor.shape, len(buffer))
                    for tensor, buffer in zip(response.outputs, buffers, strict=True)
                ]
            )
        )
    else:
        outputs, buffers = _encode_outputs(response, wanted)
    head, receipt = _describe_model(
        response.model.name,
        response.model.version,
        response.model.sha256,
        response.model.pretrained.card.preprocessing,
    )
    own_id = b"" if response.id is None else b'"id":%b,' % to_json(response.id)
    json = b"%b%b%b%b},%b" % (head, own_id, receipt, to_json(response.request_id), outputs)
    if not buffers:
        return HttpResponse(200, _JSON, json)
    length = (b"inference-header-content-length", b"%d" % len(json))
    return HttpResponse(200, [_BINARY, length], b"".join([json, *buffers]))


@lru_cache(_CACHED)
def _describe_model(
    name: str, version: str, sha256: str, preprocessing: str
) -> tuple[bytes, bytes]:
    """Return the beginning of the JSON, before and after the id."""
    before = to_json({"model_name": name, "model_version": version})[:-1] + b","
    receipt = to_json({"sha256": sha256, "preprocessing": preprocessing})[:-1]
    return before, b'"parameters":' + receipt + b',"request_id":'


@lru_cache(_CACHED)
def _describe_binary(outputs: tuple[_Description, ...]) -> bytes:
    """Return the end of the JSON: the descriptions of binary outputs."""
    documents = [
        _document(name, datatype, shape, parameters={"binary_data_size": size})
        for name, datatype, shape, size in outputs
    ]
    return to_json({"outputs": documents})[1:]


def _encode_outputs(
    response: InferResponse, wanted: Sequence[OutputRequest]
) -> tuple[bytes, list[bytes]]:
    """Return the end of the JSON, some outputs in it, and the buffers of the others."""
    documents: list[dict[str, Any]] = []
    buffers: list[bytes] = []
    for tensor, output in zip(response.outputs, wanted, strict=True):
        if output.binary:
            buffers.append(encode_binary(tensor))
            more: dict[str, Any] = {"parameters": {"binary_data_size": len(buffers[-1])}}
        else:
            more = {"data": encode_json(tensor)}
        documents.append(_document(tensor.name, tensor.datatype, tensor.shape, **more))
    return to_json({"outputs": documents})[1:], buffers


def _document(name: str, datatype: str, shape: tuple[int, ...], **more: Any) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": shape, **more}
