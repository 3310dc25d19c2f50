"""The clients of Triton over gRPC: what they get is what they get over HTTP."""

import asyncio
from typing import Any

import numpy as np
import pytest
import tritonclient.grpc
import tritonclient.grpc.aio
import tritonclient.http

from app.api.v2.tensors import Tensor
from app.version import VERSION
from tests.support.pictures import as_bytes
from tests.support.servers import Server
from tests.support.tensors import files_tensor, image_tensor

OUTPUTS = ("probabilities", "digit", "decision", "reason")

CASES = [
    image_tensor(1),
    image_tensor(256),
    files_tensor(as_bytes()),
    files_tensor(as_bytes(), as_bytes(64)),
]


def triton_input(module: Any, tensor: Tensor) -> Any:
    """Return a tensor as an input of tritonclient.http or tritonclient.grpc."""
    values = tensor.values
    array = np.array(values, np.object_) if isinstance(values, list) else values
    sent = module.InferInput(tensor.name, list(tensor.shape), tensor.datatype)
    sent.set_data_from_numpy(array)
    return sent


def assert_same(result: Any, expected: Any) -> None:
    """Compare the outputs of two results."""
    for name in OUTPUTS:
        one, other = result.as_numpy(name), expected.as_numpy(name)
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        if name == "probabilities":
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)
        else:
            assert one.tolist() == other.tolist()


@pytest.mark.parametrize("tensor", CASES, ids=lambda one: f"{one.name}{one.shape}")
def test_the_answers_are_those_of_http(server: Server, address: str, tensor: Tensor) -> None:
    """Both clients of gRPC get the outputs that the client of HTTP gets."""
    over_http = tritonclient.http.InferenceServerClient(f"127.0.0.1:{server.port}")
    expected = over_http.infer("cnn", [triton_input(tritonclient.http, tensor)])
    inputs = [triton_input(tritonclient.grpc, tensor)]

    with tritonclient.grpc.InferenceServerClient(address) as client:
        assert_same(client.infer("cnn", inputs), expected)

    async def infer() -> Any:
        async with tritonclient.grpc.aio.InferenceServerClient(address) as client:
            return await client.infer("cnn", inputs, model_version="6")

    assert_same(asyncio.run(infer()), expected)


def test_health_and_metadata(server: Server, address: str) -> None:
    """Live, ready, and the metadata of the server and of a model."""
    over_http = tritonclient.http.InferenceServerClient(f"127.0.0.1:{server.port}")
    expected = over_http.get_model_metadata("cnn")
    del expected["parameters"]
    with tritonclient.grpc.InferenceServerClient(address) as client:
        assert client.is_server_live()
        assert client.is_server_ready()
        assert client.is_model_ready("cnn")
        assert client.is_model_ready("cnn", "6")
        described = client.get_server_metadata(as_json=True)
        model = client.get_model_metadata("cnn", as_json=True)

    assert described == {"name": "digitserve", "version": VERSION, "extensions": ["classification"]}
    for tensor in (*model["inputs"], *model["outputs"]):
        tensor["shape"] = [int(size) for size in tensor["shape"]]
    assert model == expected


def test_requested_outputs_and_classification(address: str) -> None:
    """Outputs come in the order of the request; the best labels as texts, clamped."""
    wanted = [
        tritonclient.grpc.InferRequestedOutput("digit"),
        tritonclient.grpc.InferRequestedOutput("probabilities", class_count=99),
    ]
    with tritonclient.grpc.InferenceServerClient(address) as client:
        inputs = [triton_input(tritonclient.grpc, image_tensor())]
        result = client.infer("cnn", inputs, outputs=wanted, request_id="mine")

    response = result.get_response()
    best = result.as_numpy("probabilities")
    assert [output.name for output in response.outputs] == ["digit", "probabilities"]
    assert best.shape == (1, 5)
    assert best[0, 0].decode().endswith(f":{result.as_numpy('digit')[0]}")
    assert response.id == "mine"
    assert response.parameters["request_id"].string_param == "mine"
    assert len(response.parameters["sha256"].string_param) == 64


def test_a_compressed_message_is_read(address: str) -> None:
    """GRPC's own compression works."""
    with tritonclient.grpc.InferenceServerClient(address) as client:
        inputs = [triton_input(tritonclient.grpc, image_tensor(100))]
        result = client.infer("cnn", inputs, compression_algorithm="gzip")

    assert result.as_numpy("digit").tolist() == [2] * 100
