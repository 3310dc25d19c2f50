"""All HTTP entry points and configurations give the same outcome: response, metrics and log."""

import base64
import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from itertools import product
from typing import Any
from unittest.mock import patch

import httpx
import numpy as np
import pytest
from PIL import Image
from structlog.testing import capture_logs

from app.api.paths import V2, RouteLabels
from app.api.v2.tensors import Tensor
from app.inference.admission import AdmissionQueue
from app.inference.registry import Registry
from app.inference.service import PredictionService
from tests.app.conftest import Client
from tests.support.collector import collect
from tests.support.in_process import InProcessServer
from tests.support.pictures import as_bytes, encode, two
from tests.support.tensors import binary_request, image_tensor, json_request

KEY = "a-key-of-sixteen-characters"
PNG = as_bytes()
NOISE = np.random.default_rng(0).integers(0, 256, (300, 300), np.uint8)
LARGE_BODY = encode(Image.fromarray(NOISE))  # too large for the fast path
LARGE_PICTURE = encode(two(2000))
JSON = json.dumps({"image": base64.b64encode(PNG).decode()}).encode()

# Settings that must not change the outcome of an accepted request.
CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "key": {"api_keys": KEY},
    "host": {"trusted_hosts": "digits.example"},
    "both": {"api_keys": KEY, "trusted_hosts": "*.example"},
    "traces": {},
}


@dataclass(frozen=True)
class Sent:
    """A request to a prediction route."""

    body: bytes
    content_type: str = "image/png"
    url: str = "/v1/predictions"
    key: str = KEY
    chunked: bool = False
    more: tuple[str, ...] = ()

    def encode(self) -> bytes:
        """Return the request in HTTP/1.1."""
        length = f"Content-Length: {len(self.body)}"
        lines = [
            f"POST {self.url} HTTP/1.1",
            "Host: digits.example",
            f"Content-Type: {self.content_type}",
            f"Authorization: Bearer {self.key}",
            "Transfer-Encoding: chunked" if self.chunked else length,
            *self.more,
        ]
        head = "\r\n".join([*lines, "", ""])
        if not self.chunked:
            return head.encode() + self.body
        return head.encode() + b"%x\r\n%b\r\n0\r\n\r\n" % (len(self.body), self.body)


def form(field: str, *files: bytes, url: str = "/v1/predictions") -> Sent:
    """Return a request with a form."""
    parts = [(field, ("a.png", content, "image/png")) for content in files]
    plain = httpx.Request("POST", "http://x", files=parts)
    return Sent(plain.read(), plain.headers["content-type"], url)


def infer(tensor: Tensor, model: str = "cnn", *, rest: bytes = b"", coding: str = "") -> Sent:
    """Return a request of the Open Inference Protocol with binary data."""
    head, data = binary_request(tensor)
    more = [f"Inference-Header-Content-Length: {len(head)}"]
    body = head + data + rest
    if coding:
        body = gzip.compress(body)
        more.append(f"Content-Encoding: {coding}")
    url = f"/v2/models/{model}/infer"
    return Sent(body, "application/octet-stream", url, more=tuple(more))


ROW, ROWS = image_tensor(1), image_tensor(100)
FILES = Tensor("image_bytes", "BYTES", (2,), [PNG, LARGE_PICTURE])

REQUESTS: dict[str, tuple[Sent, int]] = {
    "raw": (Sent(PNG), 200),
    "form": (form("image", PNG), 200),
    "JSON": (Sent(JSON, "application/json"), 200),
    "JSON, four turns": (
        Sent(JSON, "application/json", "/v1/predictions?rotate=auto&include=input&threshold=0"),
        200,
    ),
    "model": (Sent(PNG, url="/v1/predictions?model=cnn"), 200),
    "other model": (Sent(PNG, url="/v1/predictions?model=dnn"), 200),
    "input": (Sent(PNG, url="/v1/predictions?include=input"), 200),
    "explanation": (Sent(PNG, url="/v1/predictions?include=explanation"), 200),
    "turned": (Sent(PNG, url="/v1/predictions?rotate=90&include=input"), 200),
    "four turns": (Sent(PNG, url="/v1/predictions?rotate=auto&include=input"), 200),
    "four turns, explained": (
        Sent(PNG, url="/v1/predictions?rotate=auto&include=explanation&normalise=off"),
        200,
    ),
    "large picture, four turns": (Sent(LARGE_PICTURE, url="/v1/predictions?rotate=auto"), 200),
    "threshold": (Sent(PNG, url="/v1/predictions?threshold=1"), 200),
    "batch, four turns": (
        form("images", PNG, b"%PDF", PNG, url="/v1/predictions/batch?rotate=auto&threshold=0.5"),
        200,
    ),
    "sheet": (Sent(PNG, url="/v1/sheets"), 200),
    "sheet, form": (form("image", LARGE_PICTURE, url="/v1/sheets?include=input"), 200),
    "feedback, off": (Sent(JSON, "application/json", "/v1/feedback"), 404),
    "sheet, cut off": (Sent(PNG[:60], url="/v1/sheets"), 422),
    "no threshold": (Sent(PNG, url="/v1/predictions?threshold=x"), 400),
    "chunked": (Sent(PNG, chunked=True), 200),
    "large body": (Sent(LARGE_BODY), 200),
    "large picture": (Sent(LARGE_PICTURE), 200),
    "batch": (form("images", PNG, b"%PDF", PNG, url="/v1/predictions/batch"), 200),
    "tensor": (infer(ROW), 200),
    "tensor, version": (infer(ROW, "cnn/versions/stable"), 200),
    "tensor, compressed": (infer(ROW, coding="gzip"), 200),
    "tensor, JSON": (Sent(json_request(ROW), url="/v2/models/dnn/infer"), 200),
    "large tensor": (infer(ROWS), 200),
    "no rows": (infer(image_tensor(0)), 200),
    "tensor of files": (infer(FILES), 200),
    "tensor of a broken file": (infer(Tensor("image_bytes", "BYTES", (1,), [PNG[:60]])), 422),
    "tensor, too long": (infer(ROW, rest=b"x"), 400),
    "tensor, unknown model": (infer(ROW, "x"), 404),
    "tensor, unknown version": (infer(ROW, "cnn/versions/0"), 404),
    "tensor, unknown coding": (infer(ROW, coding="br"), 415),
    "empty": (Sent(b""), 400),
    "query": (Sent(PNG, url="/v1/predictions?x=1"), 400),
    "field": (form("other", PNG), 400),
    "key": (Sent(PNG, key="wrong"), 401),
    "unknown model": (Sent(PNG, url="/v1/predictions?model=x"), 404),
    "too large": (Sent(bytes(1_000_001)), 413),
    "type": (Sent(PNG, "text/plain"), 415),
    "no image": (Sent(b"no image"), 415),
    "cut off": (Sent(PNG[:60]), 422),
}


@dataclass(frozen=True)
class Outcome:
    """Outcome of a request without ids and times: response, counters and log lines."""

    status: int
    headers: dict[str, str]
    document: Any
    counted: dict[str, float]
    logged: list[dict[str, Any]]


def asgi_only() -> AbstractContextManager[Any]:
    """Switch the fast path off."""
    return patch("app.server.http.protocol.fast_path", lambda *_: None)


def observe(server: InProcessServer, sent: Sent) -> Outcome:
    """Send a request, and return its outcome."""
    before = counters(server)
    with capture_logs() as lines:
        [(status, headers, document)] = server.ask(sent.encode())
    after = counters(server)
    request_id = headers.pop("x-request-id")
    if "request_id" in document:
        assert document.pop("request_id") == request_id
    logged = [
        {name: value for name, value in line.items() if not name.endswith(("_ms", "_id"))}
        for line in lines
    ]
    counted = {name: after[name] - before.get(name, 0) for name in after}
    changed = {name: count for name, count in counted.items() if count}
    return Outcome(status, headers, without_ids(document), changed, logged)


def counters(server: InProcessServer) -> dict[str, float]:
    """Return the request counters from /metrics, by name and labels."""
    ask = b"GET /metrics HTTP/1.1\r\nHost: digits.example\r\nConnection: close\r\n\r\n"

    async def talk(reader: Any, writer: Any) -> bytes:
        writer.write(ask)
        return bytes(await reader.read())

    text = server.talk(talk).partition(b"\r\n\r\n")[2].decode()
    samples = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    names = ("_count", "_total", "digitserve_requests_in_flight")
    return {
        name: float(value)
        for name, _, value in samples
        if name.startswith("digitserve_") and name.partition("{")[0].endswith(names)
    }


def without_ids(document: Any) -> Any:
    """Return a document without request ids, and with numbers rounded to 6 digits."""
    if isinstance(document, dict):
        parts = document.items()
        return {name: without_ids(one) for name, one in parts if name != "request_id"}
    if isinstance(document, list):
        return [without_ids(one) for one in document]
    return round(document, 6) if isinstance(document, float) else document


@pytest.fixture(scope="module")
def servers(registry: Registry) -> Iterator[dict[str, InProcessServer]]:
    """Yield a server for each configuration."""
    servers = {
        name: InProcessServer(registry, max_body_bytes=1_000_000, **settings)
        for name, settings in CONFIGURATIONS.items()
    }
    telemetry = servers["traces"].gateway.services.telemetry
    with collect() as collector, pytest.MonkeyPatch.context() as environment:
        for name, value in collector.environment.items():
            environment.setenv(name, value)
        telemetry.start()
        yield servers
        telemetry.stop()


@pytest.fixture(scope="module")
def expected(servers: dict[str, InProcessServer]) -> Callable[[str], Outcome]:
    """Return a function: the outcome of a request by the ASGI application of the keyed service."""
    known: dict[str, Outcome] = {}

    def look_up(name: str) -> Outcome:
        if name not in known:
            with asgi_only():
                known[name] = observe(servers["key"], REQUESTS[name][0])
        return known[name]

    return look_up


def test_every_prediction_route_has_a_request(client: Client) -> None:
    """Each POST route of pictures is in the table of requests that the tests below send."""
    paths = client.get("/openapi.json").json()["paths"]
    posted = {path for path, operations in paths.items() if "post" in operations}
    routes = {path for path in posted if not path.startswith(f"{V2}/repository/")}

    label = RouteLabels(routes).label
    assert routes == {label(sent.url.partition("?")[0]) for sent, _ in REQUESTS.values()}


@pytest.mark.parametrize("entry_point", ["fast", "ASGI"])
@pytest.mark.parametrize(
    ("name", "configuration"),
    [
        (name, configuration)
        for name in REQUESTS
        for configuration, settings in CONFIGURATIONS.items()
        if name != "key" or "api_keys" in settings  # without keys every key is accepted
    ],
)
def test_every_entry_point_gives_the_same_outcome(
    servers: dict[str, InProcessServer],
    expected: Callable[[str], Outcome],
    name: str,
    configuration: str,
    entry_point: str,
) -> None:
    """Status, headers, document, metrics and log do not depend on entry point or configuration."""
    sent, status = REQUESTS[name]
    with asgi_only() if entry_point == "ASGI" else nullcontext():
        got = observe(servers[configuration], sent)

    assert got.status == status
    assert got == expected(name)


@pytest.mark.parametrize("entry_point", ["fast", "ASGI"])
@pytest.mark.parametrize(
    ("kind", "url"),
    [
        *product(
            ["raw", "form", "large body", "large picture"],
            ["/v1/predictions", "/v1/predictions?model=cnn"],
        ),
        *product(["tensor", "large tensor", "tensor of files"], ["/v2/models/cnn/infer"]),
    ],
)
def test_a_full_service_refuses_every_request(
    registry: Registry, kind: str, url: str, entry_point: str
) -> None:
    """Without a free slot a request gets 429 by every entry point, counted under its route."""
    server = InProcessServer(registry, max_concurrent=1, wait_seconds=0)
    assert server.gateway.services.predictions.admission.try_acquire()

    with asgi_only() if entry_point == "ASGI" else nullcontext():
        got = observe(server, replace(REQUESTS[kind][0], url=url))

    assert (got.status, got.headers["retry-after"]) == (429, "1")
    assert got.document["detail"].startswith("service: expected at most 1 requests at once")
    route = "/v2/models/{name}/infer" if url.startswith("/v2") else "/v1/predictions"
    label = f'{{route="{route}",status="429"}}'
    assert got.counted[f"digitserve_request_duration_seconds_count{label}"] == 1
    assert got.counted["digitserve_shed_requests_total"] == 1
    assert got.logged[0]["refused"] == ["too-busy"]


@pytest.mark.parametrize("entry_point", ["fast", "ASGI"])
@pytest.mark.parametrize(
    "url", ["/v1/predictions", "/v1/predictions?model=cnn", "/v2/models/cnn/infer"]
)
def test_a_saturated_service_refuses_before_the_body_is_read(
    registry: Registry, url: str, entry_point: str
) -> None:
    """A saturated service answers 429 when only the header has arrived, and logs the route."""
    server = InProcessServer(registry)
    head = Sent(PNG, url=url).encode().partition(b"\r\n\r\n")[0] + b"\r\n\r\n"

    async def talk(reader: Any, writer: Any) -> bytes:
        writer.write(head)
        return bytes(await reader.readuntil(b"}"))

    with (
        asgi_only() if entry_point == "ASGI" else nullcontext(),
        patch.object(AdmissionQueue, "is_saturated", True),
        capture_logs() as lines,
    ):
        answer = server.talk(talk)

    assert answer.startswith(b"HTTP/1.1 429 ")
    route = "/v2/models/{name}/infer" if url.startswith("/v2") else "/v1/predictions"
    assert (lines[0]["route"], lines[0]["refused"]) == (route, ["too-busy"])


@pytest.mark.parametrize("entry_point", ["fast", "ASGI"])
@pytest.mark.parametrize(
    "kind", ["raw", "form", "batch", "large picture", "tensor", "large tensor"]
)
def test_an_unexpected_exception_is_answered(
    registry: Registry, kind: str, entry_point: str
) -> None:
    """An unexpected exception in the service gets 500 as a problem document, logged one time."""
    server = InProcessServer(registry)
    bug = RuntimeError("secret path")
    with (
        asgi_only() if entry_point == "ASGI" else nullcontext(),
        patch.object(PredictionService, "predict", side_effect=bug),
        patch.object(PredictionService, "predict_batch", side_effect=bug),
        patch.object(PredictionService, "predict_tensor", side_effect=bug),
    ):
        got = observe(server, REQUESTS[kind][0])
    again = observe(server, REQUESTS[kind][0])

    assert (got.status, again.status) == (500, 200)
    assert got.document["detail"].startswith("internal error")
    assert [line["event"] for line in got.logged] == ["internal error", "request"]
