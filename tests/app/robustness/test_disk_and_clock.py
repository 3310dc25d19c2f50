"""Around the service: weights that turn bad, a disk that is full, a clock that jumps."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from app.inference.registry import load_registry
from app.inference.weights_watch import WeightsWatch
from model_core.weights import pretrained_dir
from tests.support.pictures import as_bytes
from tests.support.servers import COMMAND, Server


def ask(url: str) -> int:
    """Return the status of a picture's answer."""
    return httpx.post(f"{url}/v1/predictions", content=as_bytes(), timeout=30).status_code


def watched(directory: Path) -> Iterator[Any]:
    """Copy the weights, load them, then yield a function that gives the log's next lines."""
    for file in pretrained_dir().glob("*.safetensors"):
        shutil.copy(file, directory)
    watch = WeightsWatch(load_registry(directory, default="cnn"), directory)

    async def look() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(watch.run(seconds=0.01), 0.3)

    def lines() -> list[tuple[str, str]]:
        with capture_logs() as logged:
            asyncio.run(look())
        return [(line["log_level"], line["event"]) for line in logged]

    yield lines


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[Any]:
    """Give access to the log of a watch over ``tmp_path``."""
    yield from watched(tmp_path)


def test_weights_as_loaded_are_not_mentioned(lines: Any) -> None:
    """All is well."""
    assert lines() == []


@pytest.mark.parametrize("harm", ["cut", "flipped", "gone"])
def test_weights_that_turn_bad_are_named_once(harm: str, lines: Any, tmp_path: Path) -> None:
    """Once when it is seen, not again and again; nothing when they are good again."""
    file = tmp_path / "cnn.safetensors"
    content = file.read_bytes()
    if harm == "gone":
        file.unlink()
    else:
        bad = content[:1000] if harm == "cut" else content[:50] + b"\0\0" + content[52:]
        file.write_bytes(bad)

    assert lines() == [("error", "weights file is broken, those in memory serve on")]
    assert lines() == []
    file.write_bytes(content)
    assert lines() == []


def test_other_weights_are_named(lines: Any, tmp_path: Path) -> None:
    """They are good, but not those in memory."""
    shutil.copy(tmp_path / "dnn.safetensors", tmp_path / "cnn.safetensors")

    assert lines() == [("warning", "weights file has changed, a new start would serve it")]


WATCHFUL = """
import runpy
from app.inference.weights_watch import WeightsWatch
WeightsWatch.run.__kwdefaults__["seconds"] = 0.1
runpy.run_module("app", run_name="__main__")
"""


def test_the_service_goes_on_with_the_weights_in_memory(tmp_path: Path) -> None:
    """The files are gone from the disk, and the directory with them."""
    directory = tmp_path / "weights"
    shutil.copytree(pretrained_dir(), directory)
    settings = {"DIGITS_WEIGHTS_DIR": str(directory), "DIGITS_WORKERS": "2"}
    with serve_script(WATCHFUL, **settings) as server:
        assert ask(server.url) == 200
        shutil.rmtree(directory)
        statuses = {ask(server.url) for _ in range(20)}
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and named(server) < 2:
            time.sleep(0.1)

    assert statuses == {200}
    assert named(server) == 2  # one line for each file, from one of the processes


def named(server: Server) -> int:
    """Return how many lines say that weights are broken."""
    return sum("weights file is broken" in line for line in server.log)


@contextmanager
def serve_with_log(log: Any, *, port: int, **options: Any) -> Iterator[str]:
    """Run a server whose log goes somewhere else; yield its address once it answers."""
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | {"DIGITS_PORT": str(port), "DIGITS_DRAIN_SECONDS": "0"}
    process = subprocess.Popen(COMMAND, env=environment, stderr=log, **options)
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{url}/readyz").status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        code = process.wait(timeout=30)
    assert code == 0


def test_a_full_disk_under_the_log_loses_lines_not_requests(free_port: int) -> None:
    """Every write to the log fails: requests are answered, and the end is in peace."""
    with (
        open("/dev/full", "wb") as full,
        serve_with_log(full, port=free_port) as url,
    ):
        assert [ask(url) for _ in range(20)] == [200] * 20


def test_a_log_that_nobody_reads_any_longer_loses_lines_not_requests(free_port: int) -> None:
    """The reader has closed its end of the pipe."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as log, serve_with_log(log, port=free_port) as url:
        os.close(reading)
        assert [ask(url) for _ in range(20)] == [200] * 20


def test_no_directory_is_written_to(free_port: int, tmp_path: Path) -> None:
    """Neither the working directory nor one for temporary files, however large the upload."""
    nowhere = tmp_path / "nowhere"
    environment = {"TMPDIR": str(nowhere), "PYTHONPATH": os.getcwd()}
    (tmp_path / "empty").mkdir()
    with open(tmp_path / "log", "wb") as log:
        options: dict[str, Any] = {"cwd": tmp_path / "empty"}
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            with serve_with_log(log, port=free_port, **options) as url:
                form = {"image": ("a.png", as_bytes() + bytes(15_000_000))}
                answer = httpx.post(f"{url}/v1/predictions", files=form, timeout=60)

    assert answer.status_code == 200
    assert not nowhere.exists()
    assert list((tmp_path / "empty").iterdir()) == []


JUMPING = """
import runpy, time
started, real = time.monotonic(), time.time
jumps = [0, 3.2e7, -3.2e7, 86400]
time.time = lambda: real() + jumps[int((time.monotonic() - started) * 5) % 4]
runpy.run_module("app", run_name="__main__")
"""


def test_a_clock_that_jumps_changes_no_answer() -> None:
    """By a year and back, five times a second: durations come from a clock that does not."""
    with serve_script(JUMPING) as server:
        client = httpx.Client(base_url=server.url)
        began, statuses = time.monotonic(), set()
        while time.monotonic() < began + 1.2:
            statuses.add(client.post("/v1/predictions", content=as_bytes()).status_code)
            time.sleep(0.05)
        client.close()
        seconds = [json.loads(line)["total_ms"] for line in server.log if '"request"' in line]

    assert statuses == {200}
    assert len(seconds) > 10
    assert 0 < min(seconds) <= max(seconds) < 1000


@contextmanager
def serve_script(script: str, **more: str) -> Iterator[Server]:
    """Run a script that runs the server."""
    command = [sys.executable, "-c", script]
    environment = os.environ | {"DIGITS_PORT": "0", "DIGITS_DRAIN_SECONDS": "0"} | more
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        yield Server(process)
    finally:
        process.terminate()
        process.wait(timeout=30)
        if process.stderr:
            process.stderr.close()
