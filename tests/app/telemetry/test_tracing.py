"""Traces: sent to the collector that the environment names, and nowhere else."""

import importlib.util
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from app.telemetry.tracing import TracingError, telemetry
from tests.support.pictures import as_bytes
from tests.support.servers import serve

needs_exporter = pytest.mark.skipif(
    importlib.util.find_spec("opentelemetry.exporter") is None,
    reason="needs the extra: pip install 'digitserve[otel]'",
)


class Collector(HTTPServer):
    """Takes what is exported over OTLP, as bytes."""

    def __init__(self) -> None:
        self.received: list[tuple[str, bytes]] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    def wait_for(self, part: bytes) -> bytes:
        """Return everything that came, once a part of it is there."""
        end = time.monotonic() + 15
        while time.monotonic() < end:
            content = b"".join(body for _, body in self.received)
            if part in content:
                return content
            time.sleep(0.05)
        raise TimeoutError(f"expected {part!r}, got {self.received}")


class _Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        """Keep the body."""
        length = int(self.headers["Content-Length"])
        self.server.received.append((self.path, self.rfile.read(length)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    """Return a collector that listens."""
    server = Collector()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@needs_exporter
def test_a_request_has_a_trace_and_a_probe_has_none(collector: Collector) -> None:
    """The span names route and status; the image is not in it."""
    address = f"http://127.0.0.1:{collector.server_port}"
    environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": address, "OTEL_BSP_SCHEDULE_DELAY": "100"}
    image = as_bytes()

    with serve(**environment, DIGITS_DRAIN_SECONDS="0") as server:
        httpx.get(f"{server.url}/healthz")
        httpx.post(f"{server.url}/v1/predictions", content=image).raise_for_status()
        content = collector.wait_for(b"/v1/predictions")

    assert {path for path, _ in collector.received} == {"/v1/traces"}
    assert b"healthz" not in content
    assert image not in content


def test_nothing_is_traced_unless_a_collector_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor are metrics and logs sent that way, ever."""
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)

    off = telemetry()

    assert not any(off[name] for name in ("tracing", "metrics", "logs", "auto_configure"))


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wants traces learns what to install."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)

    with pytest.raises(TracingError, match=r"^OTEL_EXPORTER_OTLP_ENDPOINT: expected `digits.*otel"):
        telemetry()
