"""The access log: which requests have a line, and what it says."""

import json
import struct
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from app.inference.readiness import Readiness
from app.inference.registry import Registry
from app.main import create_app
from app.settings import Settings
from app.telemetry.log.access_log import AccessLog, log_event, request_writer
from app.telemetry.log.log_config import render_json
from app.telemetry.log.log_writer import LogWriter
from app.telemetry.request_record import RequestRecord
from tests.app.conftest import Client
from tests.support.pictures import as_bytes, encode, two
from tests.support.tensors import image_tensor, json_request


def line() -> bytes:
    """Return a line."""
    return b"{}\n"


def test_a_request_has_a_line(client: Client) -> None:
    """The line has request, response and the time of each stage, and nothing of the image."""
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
        "version": client.app.services.registry.default.version,
        "decision": "accept",
    }


def test_a_batch_and_a_refusal_have_a_line(client: Client) -> None:
    """A batch says how many images it had and how many were accepted; a refusal says why."""
    with capture_logs() as lines:
        files = [("images", as_bytes()), ("images", as_bytes()), ("images", b"%PDF")]
        client.post("/v1/predictions/batch", files=files)

    assert (lines[0]["images"], lines[0]["accepted"]) == (2, 2)
    assert lines[0]["refused"] == ["unsupported-image"]


def test_a_tensor_has_a_line(client: Client) -> None:
    """It has no stage but inference; of one row the decision, of several how many were accepted."""
    with capture_logs() as lines:
        for rows in (1, 3, 0):
            client.post("/v2/models/cnn/infer", content=json_request(image_tensor(rows)))

    one, three, none = lines
    assert (one["route"], one["model"], one["decision"]) == (
        "/v2/models/{name}/infer",
        "cnn",
        "accept",
    )
    assert 0 < one["inference_ms"] <= one["total_ms"]
    assert (three["images"], three["accepted"]) == (3, 3)
    assert not {"decode_ms", "preprocess_ms"} & {*one, *three}
    assert "model" not in none


def test_warnings_of_the_decoder_are_part_of_the_line(client: Client) -> None:
    """However many warnings a picture causes, its request has one line, with the first of them."""
    texts = dict.fromkeys(range(40000, 40003), "x" * 20)
    tiff = encode(two(28), "TIFF", tiffinfo=texts)
    for tag in texts:
        entry = struct.pack("<HHI", tag, 2, 21)
        tiff = tiff.replace(entry, struct.pack("<HHI", tag, 2, 1_000_000))
    with capture_logs() as lines:
        client.post("/v1/predictions", content=tiff)

    [line] = lines
    assert line["status"] == 200
    warning = "Tag data larger than file. Skipping tag 40000 (1 of "
    assert line["decoder_warning"].startswith(warning)


def test_probes_have_none(client: Client) -> None:
    """Health checks and scrapes have no lines."""
    with capture_logs() as lines:
        for path in ("/healthz", "/readyz", "/metrics"):
            client.get(path)

    assert lines == []


@pytest.mark.parametrize(("share", "lines"), [(0, 0), (0.25, 25), (1, 100)])
def test_a_share_of_the_requests_has_a_line(share: float, lines: int) -> None:
    """The share is exact: a quarter of 100 requests are 25 lines."""
    log = AccessLog(share)

    assert sum(log.wants(200) for _ in range(100)) == lines


def test_a_failed_request_always_has_a_line() -> None:
    """5xx is logged even if nothing else is."""
    log = AccessLog(0)

    assert [log.wants(status) for status in (200, 422, 500)] == [False, False, True]


def test_the_line_is_the_one_that_structlog_would_write(
    registry: Registry, readiness: Readiness
) -> None:
    """It has the fields of the event, level and time, in their order, and a newline."""
    written: list[Callable[[], bytes]] = []
    client = Client(create_app(Settings(), registry, readiness, write_line=written.append))
    client.post("/v1/predictions", content=as_bytes())

    line = written[0]()
    fields = json.loads(line)
    event = {name: fields[name] for name in fields if name not in ("level", "timestamp")}
    again = render_json(None, "info", event)
    assert line.endswith(b"}\n")
    assert list(json.loads(again)) == list(fields)
    assert again.startswith(b'{"request_id":"' + fields["request_id"].encode() + b'","method":')


def test_texts_are_escaped() -> None:
    """A method, a route or an id of a trace cannot end its field."""
    written: list[Callable[[], bytes]] = []
    record = RequestRecord("id-8", lambda *_: None)

    AccessLog(1, written.append).write(record, 'a"b', "\n", 200, 0.0012, {"trace_id": 'c"'})

    line = json.loads(written[0]())
    assert (line["route"], line["method"], line["trace_id"]) == ('a"b', "\n", 'c"')
    assert line["total_ms"] == 1.2


@pytest.mark.parametrize(("level", "count"), [("debug", 1), ("info", 1), ("warning", 0)])
def test_a_level_above_info_leaves_the_lines_out(
    monkeypatch: pytest.MonkeyPatch, level: str, count: int
) -> None:
    """The lines of requests have the level info; without a terminal they go to the writer."""
    written: list[Callable[[], bytes]] = []
    monkeypatch.setattr("app.telemetry.log.access_log.is_terminal", lambda: False)
    monkeypatch.setattr(LogWriter, "write", lambda _, line: written.append(line))
    writer = object.__new__(LogWriter)

    request_writer(writer, level)(line)

    assert written == [line] * count


def test_on_a_terminal_the_lines_are_events_of_structlog(monkeypatch: pytest.MonkeyPatch) -> None:
    """There structlog writes them in the form for people."""
    monkeypatch.setattr("app.telemetry.log.access_log.is_terminal", lambda: True)

    assert request_writer(object.__new__(LogWriter), "info") is log_event
