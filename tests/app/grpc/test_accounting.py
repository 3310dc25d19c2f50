"""Calls in the metrics, in the log and in traces, as requests of HTTP are."""

import json
import re

import grpc
import httpx
import pytest

from tests.support.collector import collect
from tests.support.grpc_servers import METHOD, infer_request, send_infer, serve_grpc
from tests.support.pictures import as_bytes
from tests.support.servers import Server
from tests.support.tensors import image_tensor, serialise

ROUTE = METHOD.format("ModelInfer")


def total(server: Server, name: str, **labels: str) -> float:
    """Return the sum of the samples of a metric that have these labels."""
    lines = httpx.get(f"{server.url}/metrics").text.splitlines()
    wanted = [f'{label}="{value}"' for label, value in labels.items()]
    return sum(
        float(line.split()[-1])
        for line in lines
        if re.match(rf"{name}[{{ ]", line) and all(one in line for one in wanted)
    )


def answered(server: Server, method: str, status: int) -> float:
    """Return the number of calls of a method with a status."""
    name = "digitserve_request_duration_seconds_count"
    return total(server, name, route=METHOD.format(method), status=str(status))


def test_calls_are_counted_and_logged() -> None:
    """By method, with the status that the same error has over HTTP; probes are not."""
    tensor = image_tensor(3)
    rows = {"inputs": [{"name": "image", "datatype": "FP32", "shape": tensor.shape}]}
    files = {"name": "image_bytes", "datatype": "BYTES", "shape": [1]}
    upload = {"inputs": [files | {"contents": {"bytes_contents": [as_bytes()]}}]}
    with serve_grpc() as (server, address), grpc.insecure_channel(address) as channel:
        send_infer(channel, infer_request(**rows, raw_input_contents=[serialise(tensor)]))
        send_infer(channel, infer_request(**upload, raw_input_contents=[]))
        with pytest.raises(grpc.RpcError):
            send_infer(channel, infer_request(model_name="none"))
        for name in ("ServerLive", "ServerReady", "ServerMetadata"):
            channel.unary_unary(METHOD.format(name))(b"")

        assert answered(server, "ModelInfer", 200) == 2
        assert answered(server, "ModelInfer", 404) == 1
        assert answered(server, "ServerMetadata", 200) == 1
        assert answered(server, "ServerLive", 200) == 0
        two = {"model": "cnn", "digit": "2", "decision": "accept"}
        assert total(server, "digitserve_predictions_total", **two) == 4
        assert total(server, "digitserve_requests_in_flight") == 0
        server.process.terminate()
        server.end()
    lines = [json.loads(line) for line in server.log if '"event":"request"' in line]
    tensors, uploads, unknown, metadata = lines
    assert (tensors["route"], tensors["method"], tensors["status"]) == (ROUTE, "POST", 200)
    assert (tensors["images"], tensors["accepted"]) == (3, 3)
    assert uploads["decision"] == "accept"
    assert (unknown["status"], unknown["refused"]) == (404, ["unknown-model"])
    assert metadata["route"] == METHOD.format("ServerMetadata")


def test_a_call_continues_the_trace_of_its_metadata() -> None:
    """Its span has the method's path as route, and the parent that the client named."""
    trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    with (
        collect() as collector,
        serve_grpc(**collector.environment) as (_, address),
        grpc.insecure_channel(address) as channel,
    ):
        metadata = (("traceparent", f"00-{trace}-{parent}-01"),)
        send_infer(channel, infer_request(), metadata=metadata)
        span = collector.wait_for(lambda one: one.name == f"POST {ROUTE}").span

    assert span.trace_id.hex() == trace
    assert span.parent_span_id.hex() == parent
