"""OpenTelemetry: a trace of each request, where the environment names a collector."""

import importlib.util
import os
from collections.abc import MutableMapping
from typing import Any

from fastapi.telemetry import TelemetryConfig

# https://opentelemetry.io/docs/specs/otel/protocol/exporter: either of them turns tracing on.
VARIABLES = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")

_PROBES = {"/healthz", "/readyz", "/metrics"}
_EXPORTER = "opentelemetry.exporter"


class TracingError(Exception):
    """Traces are wanted, and what sends them is not installed."""


def telemetry() -> TelemetryConfig:
    """Return what FastAPI is to trace: every request but probes, or nothing.

    Raises: TracingError if the environment names a collector and the extra is not installed.
    """
    named = [name for name in VARIABLES if os.environ.get(name)]
    if named and importlib.util.find_spec(_EXPORTER) is None:
        raise TracingError(f"{named[0]}: expected `digitserve[otel]` to be installed, got none")
    return {
        "tracing": bool(named),
        "metrics": False,
        "logs": False,
        "auto_configure": bool(named),
        "exclude": _is_probe,
    }


def _is_probe(scope: MutableMapping[str, Any]) -> bool:
    return scope["path"] in _PROBES
