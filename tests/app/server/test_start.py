"""Start of the service: what it loads, and what it does not spend time on."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

# Runs the service until it has loaded everything, prints what was loaded, and stops it.
_PROGRAM = """
import gc, json, os, signal, sys, threading, time
from app.__main__ import main

collections = []
def note(*_):
    collections.append("fastapi" in sys.modules and not gc.get_freeze_count())

gc.callbacks.append(note)

def report():
    while not (gc.get_freeze_count() and gc.isenabled()):
        time.sleep(0.01)
    found = {"collected": any(collections), "modules": [*sys.modules]}
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


@pytest.mark.skipif(sys.platform == "win32", reason="the system has no os.fork")
def test_workers_share_what_is_imported_at_first_use() -> None:
    """The parent of two workers has loaded the event loop, and the part of anyio for it."""
    assert {"uvloop", "anyio._backends._asyncio", "uvicorn.lifespan.on"} <= {*_start(2)["modules"]}
