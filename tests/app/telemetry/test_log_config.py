"""What the log says, and in which form."""

import json
import os
import pty
import subprocess
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from app.telemetry.access_log import AccessLog
from tests.app.conftest import Client
from tests.support.pictures import as_bytes
from tests.support.servers import COMMAND, serve


def test_a_request_has_a_line(client: Client) -> None:
    """Who asked what, what it came to and where the time went; nothing of the image."""
    with capture_logs() as lines:
        client.post("/v1/predictions", content=as_bytes(), headers={"X-Request-ID": "id-8"})

    [line] = lines
    stages = [line.pop(f"{stage}_ms") for stage in ("decode", "preprocess", "inference")]
    assert 0 < sum(stages) <= line.pop("total_ms")
    assert line == {
        "event": "request",
        "log_level": "info",
        "request_id": "id-8",
        "method": "POST",
        "route": "/v1/predictions",
        "status": 200,
        "model": "cnn",
        "decision": "accept",
    }


def test_a_batch_and_a_refusal_have_theirs(client: Client) -> None:
    """A batch says how many images it had and how many were accepted; a refusal says why."""
    with capture_logs() as lines:
        files = [("images", as_bytes()), ("images", as_bytes()), ("images", b"%PDF")]
        client.post("/v1/predictions/batch", files=files)

    assert (lines[0]["images"], lines[0]["accepted"]) == (2, 2)
    assert lines[0]["refused"] == ["unsupported-image"]


def test_probes_have_none(client: Client) -> None:
    """What machines ask every few seconds stays out of the log."""
    with capture_logs() as lines:
        for path in ("/healthz", "/readyz", "/metrics"):
            client.get(path)

    assert lines == []


@pytest.mark.parametrize(("share", "lines"), [(0, 0), (0.25, 25), (1, 100)])
def test_a_share_of_the_requests_has_a_line(share: float, lines: int) -> None:
    """Evenly spread, and exact."""
    log = AccessLog(share)

    assert sum(log.wants(200) for _ in range(100)) == lines


def test_what_failed_always_has_a_line() -> None:
    """5xx is logged even if nothing else is."""
    log = AccessLog(0)

    assert [log.wants(status) for status in (200, 422, 500)] == [False, False, True]


def test_every_line_is_json() -> None:
    """Ours and uvicorn's, from the start to the end, each with time and level."""
    with serve(DIGITS_DRAIN_SECONDS="0") as server:
        httpx.post(f"{server.url}/v1/predictions", content=as_bytes())
        server.process.terminate()
        assert server.end() == 0

    lines: list[dict[str, Any]] = [json.loads(line) for line in server.log]
    events = [line["event"] for line in lines]
    assert all({"timestamp", "level"} <= line.keys() for line in lines)
    wanted = ["starting", "models loaded", "request", "stopping", "stopped"]
    assert [event for event in events if event in wanted] == wanted
    assert any(event.startswith("Uvicorn running on") for event in events)


def test_on_a_terminal_it_is_for_people() -> None:
    """Standard error is a terminal: lines to read, not JSON."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(COMMAND, env=os.environ | {"DIGITS_PORT": "0"}, stderr=theirs)
    os.close(theirs)
    text = b""
    while b"Uvicorn running on" not in text:
        text += os.read(ours, 4096)
    process.terminate()
    process.terminate()
    while process.poll() is None:
        try:
            os.read(ours, 4096)  # a terminal that nobody reads from holds up its writers
        except OSError:  # it is closed
            break
    process.wait(timeout=30)
    os.close(ours)

    assert b"models loaded" in text
    assert b'{"' not in text
