"""Responses that a client program has printed, and what they must be."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent
PACKAGES = {
    "javac": "default-jdk-headless",
    "node": "nodejs",
    "go": "golang-go",
    "curl": "curl",
    "nc.openbsd": "netcat-openbsd",
}


@dataclass(slots=True)
class Exchange:
    """A response as the client has seen it; the request's id was its name."""

    name: str
    status: int = 0
    id: str = ""
    type: str = ""
    body: Any = None
    reused: bool = False


def program(name: str) -> str:
    """Return the path of a program, or skip."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"needs {name} in the PATH: apt install {PACKAGES[name]}")
    return path


def run_client(*command: str) -> list[Exchange]:
    """Run a client program; return the responses that it prints, in this order."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return [Exchange(**json.loads(line)) for line in done.stdout.splitlines()]


def check(exchange: Exchange) -> None:
    """Check status, headers and document of a response by its name."""
    kinds = exchange.name.split(".")
    assert exchange.id == exchange.name
    if kinds[0] != "again" and {"refused", "large"} & set(kinds):
        assert exchange.status == exchange.body["status"] == (413 if "large" in kinds else 415)
        assert exchange.type == "application/problem+json"
        assert exchange.body["request_id"] == exchange.name
        return
    assert (exchange.status, exchange.type) == (200, "application/json"), exchange
    if "batch" in kinds and kinds[0] != "again":
        assert [one["digit"] for one in exchange.body["predictions"]] == [2, 2, 2]
    elif "get" in kinds and kinds[0] != "again":
        assert exchange.body == {"status": "alive"}
    else:
        assert exchange.body["digit"] == 2
        assert exchange.body["request_id"] == exchange.name
