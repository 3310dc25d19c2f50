"""Failures of the environment: changed weights files, a full disk, a jumping clock."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from app.inference.registry import load_registry
from app.inference.weights_watcher import WeightsWatcher
from model_core.weights import pretrained_dir
from tests.support.models import SHIPPED
from tests.support.pictures import as_bytes
from tests.support.servers import COMMAND, Server


def ask(url: str) -> int:
    """Return the status of a prediction."""
    return httpx.post(f"{url}/v1/predictions", content=as_bytes(), timeout=30).status_code


@pytest.fixture
def lines(tmp_path: Path) -> Callable[[], list[tuple[str, str]]]:
    """Return a function that runs a watcher over weights in ``tmp_path`` and returns its log."""
    for file in pretrained_dir().glob("*.safetensors"):
        shutil.copy(file, tmp_path)
    watcher = WeightsWatcher(load_registry(tmp_path, default="cnn"), tmp_path)

    async def watch() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(watcher.run(seconds=0.01), 0.3)

    def next_lines() -> list[tuple[str, str]]:
        with capture_logs() as logged:
            asyncio.run(watch())
        return [(line["log_level"], line["event"]) for line in logged]

    return next_lines


def test_unchanged_weights_are_not_logged(lines: Any) -> None:
    """The watcher logs nothing while the files are unchanged."""
    assert lines() == []


@pytest.mark.parametrize("damage", ["truncated", "corrupt", "deleted"])
def test_broken_weights_are_logged_once(damage: str, lines: Any, tmp_path: Path) -> None:
    """A truncated, corrupt or deleted file is logged one time, and nothing when it is restored."""
    file = tmp_path / "cnn.safetensors"
    content = file.read_bytes()
    if damage == "deleted":
        file.unlink()
    elif damage == "truncated":
        file.write_bytes(content[:1000])
    else:
        file.write_bytes(content[:50] + b"\0\0" + content[52:])

    assert lines() == [("error", "weights file is broken, the model in memory stays in use")]
    assert lines() == []
    file.write_bytes(content)
    assert lines() == []


def test_other_weights_are_logged(lines: Any, tmp_path: Path) -> None:
    """A valid file that differs from the loaded model gives a warning."""
    shutil.copy(tmp_path / "dnn.safetensors", tmp_path / "cnn.safetensors")

    assert lines() == [("warning", "weights file has changed, the next start loads it")]


WATCHFUL = """
import runpy
from app.inference.weights_watcher import WeightsWatcher
WeightsWatcher.run.__kwdefaults__["seconds"] = 0.1
runpy.run_module("app", run_name="__main__")
"""


def test_the_service_goes_on_with_the_weights_in_memory(tmp_path: Path) -> None:
    """If the directory of the weights is deleted, predictions go on and the log says it."""
    directory = tmp_path / "weights"
    shutil.copytree(pretrained_dir(), directory)
    settings = {"DIGITS_WEIGHTS_DIR": str(directory), "DIGITS_WORKERS": "2"}
    with serve_script(WATCHFUL, **settings) as server:
        assert ask(server.url) == 200
        directory.rename(tmp_path / "gone")  # all files at once
        statuses = {ask(server.url) for _ in range(20)}
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and named(server) < len(SHIPPED):
            time.sleep(0.1)

    assert statuses == {200}
    assert named(server) == len(SHIPPED)  # one line for each file, from one of the processes


def named(server: Server) -> int:
    """Return the number of log lines about broken weights."""
    return sum("weights file is broken" in line for line in server.log)


@contextmanager
def serve_with_log(log: Any, *, port: int, **options: Any) -> Iterator[str]:
    """Run a server that logs to ``log``; yield its address when it is ready."""
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


def test_a_full_disk_loses_log_lines_not_requests(free_port: int) -> None:
    """If every write to the log fails, requests are answered and the exit code is 0."""
    with (
        open("/dev/full", "wb") as full,
        serve_with_log(full, port=free_port) as url,
    ):
        assert [ask(url) for _ in range(20)] == [200] * 20


def test_a_closed_log_pipe_loses_log_lines_not_requests(free_port: int) -> None:
    """If the reader of the log closes the pipe, requests are answered and the exit code is 0."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as log, serve_with_log(log, port=free_port) as url:
        os.close(reading)
        assert [ask(url) for _ in range(20)] == [200] * 20


def test_no_directory_is_written_to(free_port: int, tmp_path: Path) -> None:
    """A large upload writes no file, neither in the working nor in the temporary directory."""
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


def test_a_jumping_clock_has_no_effect() -> None:
    """If the system clock jumps by years, predictions are answered and durations are right."""
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
    """Run a Python script that starts the server."""
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
