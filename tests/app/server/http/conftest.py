"""Fixtures of the tests of the HTTP protocol."""

import pytest

from app.telemetry.metrics import Metrics


@pytest.fixture
def statuses(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the statuses that the metrics count."""
    counted: list[int] = []

    def count(_: Metrics, record: object, route: str, status: int, seconds: float) -> None:
        counted.append(status)

    monkeypatch.setattr(Metrics, "count", count)
    return counted
