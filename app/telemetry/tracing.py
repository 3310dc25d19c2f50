"""OpenTelemetry configuration: traces are on if the environment names a collector."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.telemetry.spans import RequestTracer

# https://opentelemetry.io/docs/specs/otel/protocol/exporter: either of them turns traces on.
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")

_PROTOCOL = "http/protobuf"


class TracingError(Exception):
    """Traces are configured in a way that does not work; the message says in one line why."""


def check_tracing() -> bool:
    """Return whether the environment turns traces on, and import the SDK if it does.

    Called before worker processes are forked, so that they share the memory of the SDK's code.
    Raises: TracingError if the extra is not installed, or for a protocol other than http/protobuf.
    """
    endpoint, protocol = _first_set(ENDPOINTS), _first_set(PROTOCOLS)
    if endpoint is None or _is_disabled():
        return False
    if protocol is not None and os.environ[protocol] != _PROTOCOL:
        raise TracingError(f"{protocol}: expected {_PROTOCOL}, got {os.environ[protocol]!r}")
    try:
        import app.telemetry.spans  # noqa: F401
    except ImportError as error:
        raise TracingError(
            f"{endpoint}: expected the extra otel (pip install '.[otel]'), got no {error.name}"
        ) from error
    return True


def start_tracer() -> "RequestTracer | None":
    """Return the tracer of this process, with its thread that exports; None if traces are off.

    Raises: as ``check_tracing``.
    """
    if not check_tracing():
        return None
    from app.telemetry.spans import RequestTracer, create_provider

    return RequestTracer(create_provider())


def _first_set(names: tuple[str, ...]) -> str | None:
    return next((name for name in names if os.environ.get(name)), None)


def _is_disabled() -> bool:
    """Return whether one of OpenTelemetry's own switches is off."""
    disabled = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    return disabled or os.environ.get("OTEL_TRACES_EXPORTER", "").lower() == "none"
