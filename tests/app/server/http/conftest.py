"""Fixtures of the tests of the HTTP protocol."""

import pytest

from app.inference.registry import Registry
from app.telemetry.metrics import Metrics
from tests.support.in_process import InProcessServer


@pytest.fixture
def server(registry: Registry) -> InProcessServer:
    """Return a server with the default settings."""
    return InProcessServer(registry)


@pytest.fixture
def statuses(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the statuses that the metrics count."""
    counted: list[int] = []

    def count(_: Metrics, record: object, route: str, status: int, seconds: float) -> None:
        counted.append(status)

    monkeypatch.setattr(Metrics, "count", count)
    return counted
