"""The spans of a request, as they arrive at an OTLP collector: the same for every kind of it."""

import socket
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

pytest.importorskip(
    "opentelemetry.exporter.otlp.proto.http", reason="needs the extra: pip install '.[otel]'"
)

from app.inference.readiness import Readiness
from app.inference.registry import Registry
from app.main import create_app
from app.middleware.gateway import Gateway
from app.settings import Settings
from app.telemetry.spans import MAX_IMAGES, create_provider
from app.version import VERSION
from tests.app.conftest import Client
from tests.support.collector import Collector, collect
from tests.support.documents import several_pages, sheet
from tests.support.pictures import as_bytes
from tests.support.servers import Server, serve
from tests.support.tensors import image_tensor, json_request

KEY = "k" * 16
STAGES = ["decode", "inference", "preprocess"]
SERVER_SPAN, ERROR = 2, 2  # SPAN_KIND_SERVER and STATUS_CODE_ERROR of opentelemetry-proto

# Requests that take different ways through the service.
REQUESTS: dict[str, dict[str, Any]] = {
    "raw": {"content": as_bytes()},
    "other-model": {"content": as_bytes(), "params": {"model": "dnn"}},
    "default-model-by-name": {"content": as_bytes(), "params": {"model": "cnn"}},
    "form": {"files": {"image": as_bytes()}},
    "large": {"content": as_bytes(1000) + bytes(70_000)},
}


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    """Return a running collector."""
    with collect() as server:
        yield server


@pytest.fixture(scope="module")
def traced(collector: Collector) -> Iterator[Server]:
    """Return a server with an API key that exports to the collector."""
    with serve(**collector.environment, DIGITS_API_KEYS=KEY) as server:
        yield server


@pytest.fixture
def gateway(
    collector: Collector,
    monkeypatch: pytest.MonkeyPatch,
    registry: Registry,
    readiness: Readiness,
) -> Iterator[Gateway]:
    """Return an application in this process that exports to the collector."""
    for name, value in collector.environment.items():
        monkeypatch.setenv(name, value)
    app = create_app(Settings(), registry, readiness)
    app.services.telemetry.start()
    yield app
    app.services.telemetry.stop()


def post(server: Server, request_id: str, path: str = "/v1/predictions", **options: Any) -> int:
    """Post with the API key and return the status."""
    headers = {"Authorization": f"Bearer {KEY}", "X-Request-ID": request_id}
    headers |= options.pop("headers", {})
    return httpx.post(f"{server.url}{path}", headers=headers, **options).status_code


@pytest.mark.parametrize("name", REQUESTS)
def test_every_prediction_has_the_same_spans(
    traced: Server, collector: Collector, name: str
) -> None:
    """A span named by method and route, and one for each stage, whatever the request's form."""
    assert post(traced, name, **REQUESTS[name]) == 200
    parent = collector.wait_for_request(name)

    assert parent.name == "POST /v1/predictions"
    assert parent.span.kind == SERVER_SPAN
    assert sorted(child.name for child in collector.children(parent)) == STAGES


def test_a_tensor_has_a_span_for_inference(traced: Server, collector: Collector) -> None:
    """It has no other stage; without rows it has none."""
    for name, rows in (("tensor", 3), ("no-rows", 0)):
        body = json_request(image_tensor(rows))
        assert post(traced, name, "/v2/models/cnn/infer", content=body) == 200
        parent = collector.wait_for_request(name)

        assert parent.name == "POST /v2/models/{name}/infer"
        assert parent.attributes["digitserve.images"] == rows
        stages = [child.name for child in collector.children(parent)]
        assert stages == ["inference"] * (rows > 0)


def test_the_attributes_are_those_of_the_semantic_conventions(
    traced: Server, collector: Collector, registry: Registry
) -> None:
    """Method, path, route and status under the stable names, beside the model."""
    post(traced, "attributes", content=as_bytes(), params={"model": "dnn"})
    parent = collector.wait_for_request("attributes")

    assert parent.attributes == {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "http.route": "/v1/predictions",
        "url.path": "/v1/predictions",
        "url.scheme": "http",
        "digitserve.request_id": "attributes",
        "digitserve.model": "dnn",
        "digitserve.model_version": registry.get("dnn").version,
        "digitserve.images": 1,
    }


def test_stages_lie_within_their_request(traced: Server, collector: Collector) -> None:
    """Decode, preprocess and inference follow each other, between the request's start and end."""
    post(traced, "times", content=as_bytes())
    parent = collector.wait_for_request("times")
    times = {
        child.name: (child.span.start_time_unix_nano, child.span.end_time_unix_nano)
        for child in collector.children(parent)
    }

    moments = [
        parent.span.start_time_unix_nano,
        *times["decode"],
        *times["preprocess"],
        *times["inference"],
        parent.span.end_time_unix_nano,
    ]
    rounding = 1000  # nanoseconds
    assert all(a <= b + rounding for a, b in pairwise(moments))


def test_the_callers_trace_is_continued(traced: Server, collector: Collector) -> None:
    """`traceparent` names the trace, and the span that is the parent."""
    trace, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    headers = {"traceparent": f"00-{trace}-{span}-01"}
    post(traced, "continued", content=as_bytes(), headers=headers)
    parent = collector.wait_for_request("continued")

    assert parent.span.trace_id.hex() == trace
    assert parent.span.parent_span_id.hex() == span


def test_a_trace_that_the_caller_does_not_sample_is_not_exported(
    traced: Server, collector: Collector
) -> None:
    """The flag of `traceparent` decides, as with OpenTelemetry's default sampler."""
    headers = {"traceparent": f"00-{'a' * 32}-{'b' * 16}-00"}
    post(traced, "unsampled", content=as_bytes(), headers=headers)
    post(traced, "sampled", content=as_bytes())
    collector.wait_for_request("sampled")

    assert "unsampled" not in {
        one.attributes.get("digitserve.request_id") for one in collector.spans
    }


def test_a_refused_request_says_why(traced: Server, collector: Collector) -> None:
    """A 4xx is no error of the server; the reason is an attribute."""
    assert post(traced, "refused", content=b"%PDF") == 415
    parent = collector.wait_for_request("refused")

    assert parent.span.status.code != ERROR
    assert parent.attributes["digitserve.refused"] == ["unsupported-image"]
    assert collector.children(parent) == []


def test_an_unknown_path_is_named_by_method_alone(traced: Server, collector: Collector) -> None:
    """No route, no `http.route`: the names of spans are few."""
    assert post(traced, "unknown", path="/nothing") == 404
    parent = collector.wait_for_request("unknown")

    assert parent.name == "POST"
    assert "http.route" not in parent.attributes
    assert parent.attributes["url.path"] == "/nothing"


def test_a_path_with_a_parameter_is_named_by_its_route(
    traced: Server, collector: Collector
) -> None:
    """The parameter stands in `url.path`, not in the name; FastAPI makes no span of its own."""
    headers = {"Authorization": f"Bearer {KEY}", "X-Request-ID": "model"}
    httpx.get(f"{traced.url}/v1/models/cnn", headers=headers).raise_for_status()
    parent = collector.wait_for_request("model")

    assert parent.name == "GET /v1/models/{name}"
    assert [one for one in collector.spans if one.span.trace_id == parent.span.trace_id] == [parent]
    assert parent.attributes["url.path"] == "/v1/models/cnn"


def test_bytes_that_are_no_request_have_a_span(traced: Server, collector: Collector) -> None:
    """Without a known method the name is HTTP, and the method `_OTHER`."""
    with socket.create_connection(("127.0.0.1", traced.port)) as connection:
        connection.sendall(b"nonsense\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")
    span = collector.wait_for(lambda one: one.name == "HTTP")

    assert span.attributes["http.request.method"] == "_OTHER"
    assert span.attributes["digitserve.refused"] == ["malformed-request"]


def test_a_batch_has_spans_for_its_slowest_images_and_one_pass(
    gateway: Gateway, collector: Collector
) -> None:
    """The number of spans is bounded, however many images a batch has."""
    files = [("images", as_bytes()) for _ in range(MAX_IMAGES + 4)]
    Client(gateway).post("/v1/predictions/batch", files=files, headers={"X-Request-ID": "batch"})
    parent = collector.wait_for_request("batch")
    names = [child.name for child in collector.children(parent)]

    assert parent.attributes["digitserve.images"] == MAX_IMAGES + 4
    assert sorted(names) == ["decode"] * MAX_IMAGES + ["inference"] + ["preprocess"] * MAX_IMAGES


def test_a_sheet_has_a_span_for_each_page(traced: Server, collector: Collector) -> None:
    """With the number of its boxes, which have no spans of their own."""
    pages = several_pages("TIFF", sheet(["22"]), sheet(["2 2"]))
    assert post(traced, "sheet", "/v1/sheets", content=pages) == 200
    parent = collector.wait_for_request("sheet")
    children = collector.children(parent)
    seen = [one.attributes for one in children if one.name == "page"]

    assert sorted(one.name for one in children) == ["inference", "page", "page"]
    assert {(one["digitserve.page"], one["digitserve.boxes"]) for one in seen} == {(0, 2), (1, 3)}


def test_an_internal_error_is_an_error(
    gateway: Gateway, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 5xx has the status of an error, and its type."""

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(gateway.services.predictions, "predict", fail)
    headers = {"X-Request-ID": "failed"}
    response = Client(gateway).post("/v1/predictions", content=as_bytes(), headers=headers)
    parent = collector.wait_for_request("failed")

    assert response.status_code == 500
    assert parent.span.status.code == ERROR
    assert parent.attributes["error.type"] == "500"


def test_the_log_line_has_the_ids_of_the_trace(gateway: Gateway, collector: Collector) -> None:
    """`trace_id` and `span_id` lead from a line of the log to its trace."""
    with capture_logs() as lines:
        Client(gateway).get("/v1/models", headers={"X-Request-ID": "logged"})
    parent = collector.wait_for_request("logged")

    assert lines[-1]["trace_id"] == parent.span.trace_id.hex()
    assert lines[-1]["span_id"] == parent.span.span_id.hex()


def test_probes_and_pictures_are_not_in_traces(traced: Server, collector: Collector) -> None:
    """Nothing of a probe is exported, and no bytes of an upload."""
    httpx.get(f"{traced.url}/healthz")
    post(traced, "after-the-probe", content=as_bytes())
    collector.wait_for_request("after-the-probe")

    assert {path for path, _ in collector.requests} == {"/v1/traces"}
    assert not any(b"healthz" in body for _, body in collector.requests)
    assert not any(as_bytes() in body for _, body in collector.requests)


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        ({}, "digitserve"),
        ({"OTEL_SERVICE_NAME": "ours"}, "ours"),
        ({"OTEL_RESOURCE_ATTRIBUTES": "service.name=theirs,a=b"}, "theirs"),
    ],
)
def test_the_service_is_named_by_the_environment_or_digitserve(
    variables: dict[str, str], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`service.name` is digitserve by default; `service.version` is there in any case."""
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)

    provider = create_provider()
    provider.shutdown()

    assert provider.resource.attributes["service.name"] == name
    assert provider.resource.attributes["service.version"] == VERSION


def test_a_worker_sends_what_is_left_when_it_stops() -> None:
    """Spans that wait for the next export are sent at the end of a forked process."""
    with collect() as collector:
        environment = collector.environment | {"OTEL_BSP_SCHEDULE_DELAY": "60000"}
        with serve(**environment, DIGITS_WORKERS="2", DIGITS_DRAIN_SECONDS="0") as server:
            post(server, "last", content=as_bytes())
            server.process.terminate()
            assert server.end() == 0

        assert collector.wait_for_request("last").resource["service.name"] == "digitserve"
