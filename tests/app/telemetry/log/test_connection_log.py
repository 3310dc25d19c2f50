"""Connections that are refused or cut: a line for each up to a limit, and a count of all."""

import re
from pathlib import Path
from typing import get_args

import pytest
from structlog.testing import capture_logs

from app.inference.readiness import Readiness
from app.inference.registry import Registry
from app.main import create_app
from app.settings import Settings
from app.telemetry.log.connection_log import CloseReason, ConnectionLog
from app.telemetry.log.line_limit import MAX_LINES_PER_SECOND
from tests.app.conftest import Client

ROOT = Path(__file__).parents[4]


def test_every_reason_is_logged_and_counted(registry: Registry, readiness: Readiness) -> None:
    """The line has the reason, and the metric has a child for it."""
    app = create_app(Settings(), registry, readiness)

    with capture_logs() as lines:
        for reason in get_args(CloseReason):
            app.services.telemetry.connection_closed(reason)

    text = Client(app).get("/metrics").text
    assert [line["reason"] for line in lines] == [*get_args(CloseReason)]
    assert {line["event"] for line in lines} == {"connection closed"}
    for reason in get_args(CloseReason):
        assert f'digitserve_connections_closed_total{{reason="{reason}"}} 1.0' in text


def test_a_flood_of_connections_is_some_lines(registry: Registry, readiness: Readiness) -> None:
    """The lines of one reason are limited, but all connections are counted."""
    app = create_app(Settings(), registry, readiness)

    with capture_logs() as lines:
        for _ in range(1000):
            app.services.telemetry.connection_closed("no-request")

    text = Client(app).get("/metrics").text
    assert MAX_LINES_PER_SECOND <= len(lines) < 100
    assert 'digitserve_connections_closed_total{reason="no-request"} 1000.0' in text


def test_the_next_line_has_the_number_of_those_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number is in the field `suppressed`, which other lines do not have."""
    now = [100.0]
    monkeypatch.setattr("app.telemetry.log.line_limit.monotonic", lambda: now[0])
    log = ConnectionLog()

    with capture_logs() as lines:
        for _ in range(MAX_LINES_PER_SECOND + 7):
            log.write("shutdown")
        now[0] += 1
        log.write("shutdown")

    assert [line.get("suppressed") for line in lines] == [None] * MAX_LINES_PER_SECOND + [7]


def test_every_reason_is_explained() -> None:
    """docs/operations.md has a row for each reason, in order."""
    page = (ROOT / "docs" / "operations.md").read_text()
    table = page.partition("The reasons of `connection closed`")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)

    assert rows == [*get_args(CloseReason)]
