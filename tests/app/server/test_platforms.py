"""Other systems than Linux: what POSIX or Linux alone has is not needed to import or to serve.

These tests hide it from this Python. They say nothing about compiled packages on other systems.
"""

import pkgutil
import subprocess
import sys

import httpx
import pytest

import app
from tests.support import servers
from tests.support.pictures import as_bytes
from tests.support.servers import run_to_the_end, serve

# Imports the packages of others, then hides what Windows does not have, before app is imported.
# asyncio's own use of signals and sockets is left as it is on this system.
HIDE = """
import asyncio, multiprocessing, socket, subprocess, sys, os, select, signal
import anyio._backends._asyncio, fastapi, numpy, PIL.Image, prometheus_client, structlog, uvicorn
import anyio.to_thread, fastapi_offline, multiprocessing.connection, tempfile
import pydantic, safetensors, uvicorn.protocols.http.httptools_impl

for name in ("uvloop", "resource", "fcntl", "termios", "pwd", "grp", "pty", "tty", "syslog"):
    sys.modules[name] = None
for name in ("SIGHUP", "SIGCHLD", "SIGALRM", "SIGKILL", "SIGSTOP", "SIGCONT", "SIGUSR1", "SIGPIPE"):
    delattr(signal, name)
for name in ("pthread_sigmask", "sigwait", "setitimer", "getitimer", "ITIMER_REAL"):
    delattr(signal, name)
for name in ("fork", "register_at_fork", "waitid", "killpg", "setsid", "sched_getaffinity"):
    delattr(os, name)
del select.poll, select.epoll
"""

IMPORT = "import importlib\nfor name in {names!r}:\n    importlib.import_module(name)\n"

# uvicorn takes asyncio's loop if there is no uvloop; Windows has only select() for sockets.
SERVE = """
import asyncio.selector_events, selectors, runpy
selectors.DefaultSelector = selectors.SelectSelector
runpy.run_module("app", run_name="__main__")
"""


def module_names() -> list[str]:
    """Return the names of the modules of the package app that can be imported by themselves."""
    found = pkgutil.walk_packages(app.__path__, "app.")
    others = {
        "app.telemetry.spans",  # imported with the extra otel only
        "app.commands.predict.by_ray",  # imported by --ray only, and Ray is not in this environment
        "app.feedback.database.migrations.env",  # run by Alembic
    }
    return sorted({info.name for info in found} - others)


def test_every_module_is_imported_without_posix() -> None:
    """No module needs uvloop, resource, fcntl or a signal of POSIX when it is imported."""
    names = module_names()
    done = subprocess.run(
        [sys.executable, "-c", HIDE + IMPORT.format(names=names)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert len(names) > 50
    assert done.stderr == ""


def test_it_serves_without_posix(monkeypatch: pytest.MonkeyPatch) -> None:
    """A single process serves with asyncio's event loop, and Ctrl-C stops it."""
    monkeypatch.setattr(servers, "COMMAND", [sys.executable, "-c", HIDE + SERVE])
    with serve() as server:
        statuses = [
            httpx.post(f"{server.url}/v1/predictions", content=as_bytes()).status_code,
            httpx.post(f"{server.url}/v1/predictions", files={"image": as_bytes()}).status_code,
            httpx.get(f"{server.url}/metrics").status_code,
        ]
        large = httpx.post(f"{server.url}/v1/predictions", content=as_bytes(300))
        server.process.send_signal(2)

        assert server.end() == 0
    assert statuses == [200] * 3
    assert large.status_code == 422
    assert large.json()["detail"].startswith("image: expected a small one on this system")
    assert "Traceback" not in "".join(server.log)


def test_workers_are_refused_without_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without os.fork, several workers are refused in one sentence with exit code 1."""
    monkeypatch.setattr(servers, "COMMAND", [sys.executable, "-c", HIDE + SERVE])
    done = run_to_the_end(DIGITS_WORKERS="2")

    assert done.returncode == 1
    assert '"event":"cannot start workers"' in done.stderr
    assert "DIGITS_WORKERS: expected 1 on this system, which has no os.fork" in done.stderr
    assert "Traceback" not in done.stderr
