"""Failures of the environment: vanished weights files, a full disk, a jumping clock."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from model_core.weights import pretrained_dir
from tests.support.models import SHIPPED
from tests.support.pictures import as_bytes
from tests.support.processes import wait_until
from tests.support.servers import COMMAND, Server, serve


def ask(url: str) -> int:
    """Return the status of a prediction."""
    return httpx.post(f"{url}/v1/predictions", content=as_bytes(), timeout=30).status_code


def test_the_service_goes_on_with_the_weights_in_memory(tmp_path: Path) -> None:
    """If the model directory is gone at a reload, predictions go on and the log says it."""
    directory = tmp_path / "weights"
    shutil.copytree(pretrained_dir(), directory)
    with serve(DIGITS_WEIGHTS_DIR=str(directory), DIGITS_WORKERS="2") as server:
        assert ask(server.url) == 200
        directory.rename(tmp_path / "gone")  # all files at once
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: any('"model refused"' in line for line in server.log))
        statuses = {ask(server.url) for _ in range(20)}
        names = [model["name"] for model in httpx.get(f"{server.url}/v1/models").json()["models"]]

    assert statuses == {200}
    assert names == SHIPPED


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
