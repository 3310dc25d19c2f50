"""OpenTelemetry spans of a request, created from recorded times when it is over.

Source: OpenTelemetry semantic conventions 1.23 and later (stable), "HTTP server span". This module
needs the extra ``otel``; ``tracing.py`` imports it if traces are on.
"""

import os
from heapq import nlargest
from threading import Thread
from time import perf_counter_ns, time_ns

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import extract
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import (
    Span,
    SpanKind,
    StatusCode,
    format_span_id,
    format_trace_id,
    set_span_in_context,
)
from opentelemetry.util.types import AttributeValue

from app.inference.types import PredictionResult
from app.telemetry.families import OTHER
from app.telemetry.request_record import RequestRecord
from app.version import VERSION

# Images of a batch with spans of their own: the slowest ones. More would fill the exporter's queue.
MAX_IMAGES = 8

# Pages of a sheet with spans, likewise; their boxes have none of their own.
MAX_PAGES = 8

# Seconds that the end of the process waits for the last spans to be sent.
_FLUSH_SECONDS = 5.0

_METHODS = {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"}

Attributes = dict[str, AttributeValue]


def create_provider() -> TracerProvider:
    """Create the provider that exports over OTLP, from a thread; the environment configures it.

    To be called after the fork of a worker process, because a thread does not survive a fork.
    """
    defaults = Resource({"service.name": "digitserve", "service.version": VERSION})
    resource = Resource.create({**defaults.merge(OTELResourceDetector().detect()).attributes})
    resource = resource.merge(Resource({"process.pid": os.getpid()}))
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


class RequestTracer:
    """Tracer of requests: a SERVER span for each, with child spans for the stages of predictions.

    Creating spans takes place in memory; the provider's thread sends them.
    """

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("digitserve", VERSION)
        # Nanoseconds from perf_counter's zero to the epoch; measured once, so that the spans of a
        # process fit together even if the system's clock is set.
        self._epoch = time_ns() - perf_counter_ns()

    def stop(self) -> None:
        """Send the spans that are left, for a limited time, and end the thread that sends."""
        thread = Thread(target=self._provider.shutdown, daemon=True)
        thread.start()
        thread.join(_FLUSH_SECONDS)

    def trace(
        self, record: RequestRecord, route: str, method: str, status: int, seconds: float
    ) -> dict[str, str]:
        """Create the spans of a request that is over; return their ids for its line in the log."""
        known = method if method in _METHODS else "HTTP"
        span = self._tracer.start_span(
            known if route == OTHER else f"{known} {route}",
            context=_parent(record),
            kind=SpanKind.SERVER,
            attributes=_attributes(record, route, method, status),
            start_time=self._to_epoch(record.began),
        )
        if status >= 500:
            span.set_status(StatusCode.ERROR)
        if (record.results or record.tensor) and span.is_recording():
            self._trace_stages(record, span)
        span.end(self._to_epoch(record.began + seconds))
        context = span.get_span_context()
        return {
            "trace_id": format_trace_id(context.trace_id),
            "span_id": format_span_id(context.span_id),
        }

    def _trace_stages(self, record: RequestRecord, parent: Span) -> None:
        """Create the child spans; inference is one pass, of which the request has a share."""
        context = set_span_in_context(parent, Context())
        for page in nlargest(MAX_PAGES, record.pages, key=lambda page: page.page.seconds):
            found = page.page  # one span for all of its boxes
            attributes: Attributes = {
                "digitserve.page": found.number,
                "digitserve.boxes": len(found.boxes),
                "digitserve.source_pixels": found.width * found.height,
            }
            self._trace_stage("page", context, found.began, found.seconds, attributes)
        images = () if record.pages else record.results
        for result in nlargest(MAX_IMAGES, images, key=_normalising_seconds):
            upload = result.upload
            decoded = upload.began + upload.decode_seconds
            pixels: Attributes = {"digitserve.source_pixels": upload.source_pixels}
            self._trace_stage("decode", context, upload.began, upload.decode_seconds, pixels)
            self._trace_stage("preprocess", context, decoded, upload.preprocess_seconds)
        first = record.tensor or record.results[0]
        self._trace_stage("inference", context, first.inference_began, record.inference_seconds)

    def _trace_stage(
        self,
        name: str,
        context: Context,
        began: float,
        seconds: float,
        attributes: Attributes | None = None,
    ) -> None:
        start = self._to_epoch(began)
        span = self._tracer.start_span(name, context, attributes=attributes, start_time=start)
        span.end(self._to_epoch(began + seconds))

    def _to_epoch(self, reading: float) -> int:
        """Return a reading of ``perf_counter`` as nanoseconds since the epoch."""
        return int(reading * 1e9) + self._epoch


def _parent(record: RequestRecord) -> Context:
    """Return the caller's span, from the headers that OTEL_PROPAGATORS names (W3C traceparent)."""
    carrier = {name.decode("latin-1"): value.decode("latin-1") for name, value in record.headers}
    return extract(carrier, Context())


def _attributes(record: RequestRecord, route: str, method: str, status: int) -> Attributes:
    attributes: Attributes = {
        "http.request.method": method if method in _METHODS else "_OTHER",
        "http.response.status_code": status,
        "url.scheme": "http",
        "digitserve.request_id": record.request_id,
    }
    if method not in _METHODS:
        attributes["http.request.method_original"] = method
    if route != OTHER:
        attributes["http.route"] = route
    if record.path:
        attributes["url.path"] = record.path
    if status >= 500:
        attributes["error.type"] = str(status)
    if record.refusals:
        attributes["digitserve.refused"] = tuple(record.refusals)
    if record.model is not None:
        attributes["digitserve.model"] = record.model.name
        attributes["digitserve.model_version"] = record.model.version
        attributes["digitserve.images"] = len(record.tensor or record.results)
    return attributes


def _normalising_seconds(result: PredictionResult) -> float:
    return result.upload.decode_seconds + result.upload.preprocess_seconds
