"""Start of the service: what it loads, and what it does not spend time on."""

import json
import os
import subprocess
import sys
from typing import Any

import httpx
import pytest

from app.api.routes import metrics, predictions
from app.inference.readiness import Readiness
from app.inference.registry import load_registry
from app.main import create_app
from app.settings import Settings
from model_core.weights import pretrained_dir
from tests.support.servers import Server

# Runs the service until it has loaded everything, prints what was loaded, and stops it.
_PROGRAM = """
import gc, json, os, signal, sys, threading, time
from app.__main__ import main

collections = []
def note(*_):
    collections.append("pydantic" in sys.modules and not gc.get_freeze_count())

gc.callbacks.append(note)

def report():
    while not (gc.get_freeze_count() and gc.isenabled()):
        time.sleep(0.01)
    from fastapi.openapi.models import Contact, Schema
    from app.api.schemas import ModelDetail, PredictionQuery
    models = (Contact, Schema, ModelDetail, PredictionQuery)
    found = {
        "collected": any(collections),
        "modules": [*sys.modules],
        "built": [one.__name__ for one in models if one.__pydantic_complete__],
    }
    print("RESULT" + json.dumps(found), flush=True)
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=report, daemon=True).start()
main()
"""


def _start(workers: int) -> dict[str, Any]:
    settings = {"DIGITS_PORT": "0", "DIGITS_WORKERS": str(workers), "DIGITS_DRAIN_SECONDS": "0"}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT"))
    found: dict[str, Any] = json.loads(line.removeprefix("RESULT"))
    return found


def test_the_start_collects_no_garbage() -> None:
    """From the large imports until the service is ready, the garbage collector does not run."""
    assert not _start(1)["collected"]


def test_the_old_pydantic_is_not_loaded() -> None:
    """FastAPI finds no `pydantic.v1`, whose models it only refuses."""
    assert not [name for name in _start(1)["modules"] if name.startswith("pydantic.v1.")]


def test_the_log_does_not_load_rich() -> None:
    """Structlog finds no `rich`, which training installs; it formats tracebacks without it."""
    assert not [name for name in _start(1)["modules"] if name.startswith("rich.")]


def test_the_command_line_of_uvicorn_is_not_loaded() -> None:
    """The service has its own, so that it needs no `click`."""
    assert "click" not in _start(1)["modules"]


@pytest.mark.skipif(sys.platform == "win32", reason="the system has no os.fork")
def test_workers_share_what_is_imported_at_first_use() -> None:
    """The parent of two workers has loaded the event loop, and the part of anyio for it."""
    assert {"uvloop", "anyio._backends._asyncio", "uvicorn.lifespan.on"} <= {*_start(2)["modules"]}


def test_models_of_openapi_are_built_at_their_first_use() -> None:
    """Those of responses, of FastAPI too, are not built by the start; those of requests are."""
    assert _start(1)["built"] == ["PredictionQuery"]


def test_each_route_is_built_once() -> None:
    """The application has the routes of its routers, so that no request builds them again."""
    app = create_app(Settings(), load_registry(pretrained_dir()), Readiness()).app

    for route in (*predictions.router.routes, *metrics.router.routes):
        assert any(route is one for one in app.routes)


def test_the_openapi_document_of_a_started_service_is_the_same(server: Server) -> None:
    """The document is the one of an application that is created in this process."""
    registry = load_registry(pretrained_dir())
    app = create_app(Settings(), registry, Readiness()).app

    assert httpx.get(f"{server.url}/openapi.json").json() == app.openapi()
