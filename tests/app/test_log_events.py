"""The table of log events in docs/operations.md: a server writes each event with its fields."""

import ast
import json
import os
import re
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import httpx
import pytest

from tests.support.databases import sqlite
from tests.support.model_directory import damage, put_version
from tests.support.pictures import as_bytes
from tests.support.processes import children, wait_until
from tests.support.servers import Server

ROOT = Path(__file__).parents[2]
ALWAYS = {"event", "level", "timestamp"}
STAGES = "total_ms decode_ms preprocess_ms inference_ms model version"
REQUEST = "request_id method route status"
FAILURE = "request_id method path exception"

Line = dict[str, Any]


def documented() -> dict[str, str]:
    """Return the events of the table, and the text on their fields."""
    page = (ROOT / "docs" / "operations.md").read_text()
    table = page.partition("\n## Log")[2].partition("\n\nNo request")[0]
    rows = re.findall(r"^\| (`.*?) \| (.*) \|$", table, re.MULTILINE)
    return {event: fields for events, fields in rows for event in re.findall("`(.*?)`", events)}


@contextmanager
def running(change: str = "", **settings: str) -> Iterator[Server]:
    """Run a server with ``change``, Python code before its start."""
    code = f"import runpy\n{change}\nrunpy.run_module('app', run_name='__main__')"
    environment = os.environ | {"DIGITS_PORT": "0", "DIGITS_DRAIN_SECONDS": "0"} | settings
    process = Popen([sys.executable, "-c", code], env=environment, stderr=PIPE, text=True)
    server = Server(process)
    try:
        yield server
    finally:
        if process.poll() is None:
            process.terminate()
        server.end()
        if process.stderr:
            process.stderr.close()


def lines(server: Server, event: str, count: int = 1) -> list[Line]:
    """Wait for lines of an event, and return them."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = [line for line in map(json.loads, [*server.log]) if line["event"] == event]
        if len(found) >= count:
            return found
        time.sleep(0.02)
    raise TimeoutError(f"log: expected {count} lines {event!r}, got: {''.join(server.log)}")


def check(line: Line, fields: str) -> None:
    """Check that a line has these fields, and that the table names each of them."""
    row = documented()[line["event"]]
    names = set(fields.split())

    assert line.keys() - ALWAYS == names
    for name in names:
        assert name in row or name in documented().get("internal error", ""), name


def predict(server: Server, **options: Any) -> httpx.Response:
    """Send a picture."""
    return httpx.post(
        f"{server.url}/v1/predictions", **({"content": as_bytes()} | options), timeout=20
    )


def patched(target: str, error: str) -> str:
    """Return code that makes a function of the service raise an error."""
    return f"from unittest.mock import patch; patch({target!r}, side_effect={error}).start()"


def test_the_start_and_the_end() -> None:
    """The log has `starting`, `models loaded`, `stopping` and `stopped`, each once."""
    with running() as server:
        assert server.port
        server.process.terminate()
        server.end()
        for event, fields in {
            "starting": "version process workers",
            "models loaded": "models default seconds",
            "stopping": "signal drain_seconds",
            "stopped": "process exit_code",
        }.items():
            [line] = lines(server, event)
            check(line, fields)


def test_the_start_of_grpc() -> None:
    """`gRPC running` has the address."""
    pytest.importorskip("grpc", reason="needs the extra: pip install '.[grpc]'")
    with running(DIGITS_GRPC_PORT="0") as server:
        [line] = lines(server, "gRPC running")

    check(line, "address")


def test_a_database_of_feedback_that_fails(tmp_path: Path) -> None:
    """The start tells; when it works, the next feedback tells that, too."""
    url = f"sqlite:///{tmp_path / 'feedback.db'}"
    with running(DIGITS_DATABASE_URL=url) as server:
        [failed] = lines(server, "feedback cannot be stored")
        sqlite(tmp_path)
        fields: dict[str, Any] = {"image": as_bytes(), "digit": (None, "2")}
        assert httpx.post(f"{server.url}/v1/feedback", files=fields).status_code == 202
        [works] = lines(server, "feedback can be stored again")

    check(failed, "fault problem")
    check(works, "")
    assert (failed["fault"], failed["problem"]) == ("no-tables", "no such table: feedback_picture")


def test_requests() -> None:
    """A prediction, a batch, a refusal and another path have a line `request` each."""
    with running() as server:
        predict(server)
        files = [("images", as_bytes()), ("images", as_bytes())]
        httpx.post(f"{server.url}/v1/predictions/batch", files=files)
        predict(server, content=b"no image")
        httpx.get(f"{server.url}/v1/models")
        one, batch, refused, other = lines(server, "request", 4)

    check(one, f"{REQUEST} {STAGES} decision")
    check(batch, f"{REQUEST} {STAGES} images accepted")
    check(refused, f"{REQUEST} total_ms refused")
    check(other, f"{REQUEST} total_ms")


@pytest.mark.parametrize(
    ("event", "error", "status"),
    [("internal error", "RuntimeError", 500), ("out of memory", "MemoryError", 503)],
)
def test_failures(event: str, error: str, status: int) -> None:
    """A failed request has two lines with its id: the failure with its traceback, and `request`."""
    target = "app.inference.service.PredictionService.predict"
    with running(patched(target, error), DIGITS_ACCESS_LOG="0") as server:
        response = predict(server)
        [line] = lines(server, event)
        [request] = lines(server, "request")

    check(line, FAILURE)
    assert response.status_code == request["status"] == status
    assert line["request_id"] == request["request_id"] == response.headers["x-request-id"]
    assert error in line["exception"]


def test_a_request_that_cannot_be_counted() -> None:
    """`request could not be counted` is logged, and the request is answered."""
    with running(patched("app.telemetry.metrics.Metrics.count", "RuntimeError")) as server:
        assert predict(server).status_code == 200
        [line] = lines(server, "request could not be counted")

    check(line, "request_id exception")


def test_a_connection_that_is_closed() -> None:
    """`connection closed` has the reason, and `suppressed` if lines were left out."""
    with running() as server:
        for _ in range(2):
            for _ in range(6):
                with socket.create_connection(("127.0.0.1", server.port)) as connection:
                    connection.sendall(b"no request\r\n\r\n")
                    while connection.recv(4096):
                        pass
            time.sleep(1.05)
        first, *others = lines(server, "connection closed", 6)
        [after] = [line for line in others if "suppressed" in line]

    check(first, "reason")
    check(after, "reason suppressed")


def test_an_uncaught_exception() -> None:
    """An exception in a thread is logged as `uncaught exception`, and the service goes on."""
    change = (
        "import structlog, threading, time\n"
        "def fail():\n"
        "    while not structlog.is_configured(): time.sleep(0.1)\n"
        "    time.sleep(0.5)\n"
        "    raise RuntimeError('bug')\n"
        "threading.Thread(target=fail).start()"
    )
    with running(change) as server:
        [line] = lines(server, "uncaught exception")
        assert predict(server).status_code == 200

    check(line, "exception")


def test_a_worker_that_dies() -> None:
    """A killed worker has a line with its process id and exit code."""
    with running(DIGITS_WORKERS="2") as server:
        assert server.port
        wait_until(lambda: len(children(server)) == 2)
        worker = min(children(server))
        os.kill(worker, signal.SIGKILL)
        [line] = lines(server, "worker died, starting a replacement")

    check(line, "process exit_code")
    assert (line["process"], line["exit_code"]) == (worker, -9)


def test_models_that_change(tmp_path: Path) -> None:
    """A reload has one line, and one more for each file that is refused."""
    put_version(tmp_path, 1)
    with running(DIGITS_WEIGHTS_DIR=str(tmp_path)) as server:
        assert predict(server).status_code == 200
        put_version(tmp_path, 2)
        damage(tmp_path / "cnn" / "3" / "model.safetensors", "corrupt")
        for event in ("models changed", "models unchanged"):
            server.process.send_signal(signal.SIGHUP)
            [line] = lines(server, event)
            check(line, "cause added removed served" if event == "models changed" else "cause")
        [refused] = lines(server, "model refused")

    check(refused, "model version problem")


def test_a_plan_that_cannot_be_followed(tmp_path: Path) -> None:
    """A worker for which a file has changed before it could load it has a line."""
    put_version(tmp_path, 1)
    change = (
        "from app.inference.registry import follower\n"
        "from app.inference.registry.errors import RegistryError\n"
        "load, failures = follower.load_or_keep, iter([RegistryError('changed')])\n"
        "def fail_once(*arguments):\n"
        "    for failure in failures: raise failure\n"
        "    return load(*arguments)\n"
        "follower.load_or_keep = fail_once"
    )
    with running(change, DIGITS_WEIGHTS_DIR=str(tmp_path), DIGITS_WORKERS="2") as server:
        assert predict(server).status_code == 200
        put_version(tmp_path, 2)
        server.process.send_signal(signal.SIGHUP)
        line = lines(server, "plan cannot be followed")[0]

    check(line, "model problem")


@pytest.mark.parametrize(
    ("event", "error", "fields"),
    [
        ("models cannot be updated", "RuntimeError", "exception"),
        ("models cannot be changed", "RegistryError", "problem"),
    ],
)
def test_models_that_cannot_be_updated(event: str, error: str, fields: str) -> None:
    """An unexpected error of a reload is logged one time, and the service goes on."""
    change = (
        "from app.inference.registry.errors import RegistryError\n"
        "from unittest.mock import patch\n"
        "patch('app.inference.registry.repository.plan_models', "
        f"side_effect={error}).start()"
    )
    with running(change) as server:
        assert predict(server).status_code == 200
        server.process.send_signal(signal.SIGHUP)
        [line] = lines(server, event)
        assert predict(server).status_code == 200

    check(line, fields)


def test_an_address_that_is_in_use() -> None:
    """An address that is in use is logged as `cannot listen`."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with running(DIGITS_PORT=port) as server:
            [line] = lines(server, "cannot listen")

    check(line, "host port error")


def test_lost_lines() -> None:
    """The number of lost lines is logged as soon as lines can be written again."""
    change = (
        "from app.telemetry.log.line_file import LineFile\n"
        "write, failures = LineFile.write, iter([1])\n"
        "LineFile.write = lambda file, data: next(failures, None) or write(file, data)"
    )
    with running(change) as server:
        assert predict(server).status_code == 200
        [line] = lines(server, "log lines lost")

    check(line, "count")
    assert line["count"] == 1


def test_every_event_of_the_code_is_in_the_table() -> None:
    """Each event that a module of the service logs has a row, and each row is an event."""
    logged = set()
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("logger."):
                logged |= {one.value for one in node.args[:1] if isinstance(one, ast.Constant)}

    assert logged | {"request", "internal error", "out of memory"} == documented().keys()


def test_every_event_of_the_table_is_tested() -> None:
    """The event of each row occurs in a test."""
    text = "".join(path.read_text() for path in (ROOT / "tests" / "app").rglob("*.py"))

    assert [event for event in documented() if event not in text] == []
