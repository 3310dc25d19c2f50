"""An OTLP collector on this machine, which keeps the spans that are exported to it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass(frozen=True)
class Exported:
    """An exported span, its attributes and those of its resource."""

    span: Span
    attributes: dict[str, Any]
    resource: dict[str, Any]

    @property
    def name(self) -> str:
        """Return the name of the span."""
        return str(self.span.name)


class Collector(ThreadingHTTPServer):
    """Receives OTLP over HTTP; ``requests`` are the paths and bodies as they came."""

    daemon_threads = True

    def __init__(self) -> None:
        self.requests: list[tuple[str, bytes]] = []
        self.spans: list[Exported] = []
        self._arrived = threading.Condition()
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables with which a service exports to this collector, soon."""
        endpoint = f"http://127.0.0.1:{self.server_port}"
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_BSP_SCHEDULE_DELAY": "50"}

    def receive(self, path: str, body: bytes) -> None:
        """Keep the spans of an export."""
        request = ExportTraceServiceRequest.FromString(body)
        spans = [
            Exported(span, _values(span.attributes), _values(resource.resource.attributes))
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        with self._arrived:
            self.requests.append((path, body))
            self.spans += spans
            self._arrived.notify_all()

    def wait_for(self, wanted: Callable[[Exported], bool]) -> Exported:
        """Return the first span that is wanted, once it has come."""
        with self._arrived:
            found = self._arrived.wait_for(lambda: [*filter(wanted, self.spans)], timeout=15)
        if not found:
            raise TimeoutError(f"expected a span, got {[span.name for span in self.spans]}")
        return found[0]

    def wait_for_request(self, request_id: str) -> Exported:
        """Return the span of the request with an id, once it has come."""
        return self.wait_for(lambda it: it.attributes.get("digitserve.request_id") == request_id)

    def children(self, parent: Exported) -> list[Exported]:
        """Return the child spans of a span that has come; they are exported before it."""
        return [one for one in self.spans if one.span.parent_span_id == parent.span.span_id]


@contextmanager
def collect() -> Iterator[Collector]:
    """Run a collector."""
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        """Accept an export."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.receive(self.path, body)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def _values(attributes: Any) -> dict[str, Any]:
    return {one.key: _value(one) for one in attributes}


def _value(attribute: KeyValue) -> Any:
    """Return a number, a text, or a list of texts."""
    kind = attribute.value.WhichOneof("value") or "string_value"
    value = getattr(attribute.value, kind)
    return [one.string_value for one in value.values] if kind == "array_value" else value
