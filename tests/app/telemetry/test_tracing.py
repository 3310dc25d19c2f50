"""When traces are on, and what is wrong with a configuration that does not work."""

import sys

import pytest

from app.telemetry.tracing import TracingError, check_tracing, start_tracer

pytest.importorskip(
    "opentelemetry.exporter.otlp.proto.http", reason="needs the extra: pip install '.[otel]'"
)

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


def test_traces_are_off_unless_a_collector_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an endpoint nothing is traced."""
    monkeypatch.delenv(ENDPOINT, raising=False)

    assert not check_tracing()
    assert start_tracer() is None


def test_an_endpoint_turns_traces_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The endpoint of traces alone, or that of everything."""
    for name in ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", ENDPOINT):
        with monkeypatch.context() as context:
            context.setenv(name, "http://127.0.0.1:4318")

            assert check_tracing()


@pytest.mark.parametrize(
    ("name", "value"), [("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_EXPORTER", "none")]
)
def test_opentelemetrys_own_switches_turn_traces_off(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """Both are obeyed though a collector is named."""
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:4318")
    monkeypatch.setenv(name, value)

    assert not check_tracing()


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what to install."""
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:4318")
    monkeypatch.delitem(sys.modules, "app.telemetry.spans", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)

    with pytest.raises(TracingError, match=rf"^{ENDPOINT}: .*pip install '\.\[otel\]'"):
        check_tracing()


def test_another_protocol_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only http/protobuf is spoken; the error says so."""
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:4317")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")

    with pytest.raises(TracingError, match=r"^OTEL_EXPORTER_OTLP_PROTOCOL: expected http/protobuf"):
        check_tracing()
