"""Generators of clients and linters of OpenAPI documents, in the environment .venv-generators."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
FOLDER = Path(__file__).parent
ENVIRONMENT = ROOT / ".venv-generators"
PYTHON = ENVIRONMENT / "bin" / "python"
MODULES = ENVIRONMENT / "node_modules"


def check_installed() -> None:
    """Skip without the environment."""
    if not (ENVIRONMENT / ".installed").exists():
        pytest.skip("needs the generators of clients and npm: make generators")


def run(*command: object, folder: Path) -> str:
    """Run a command in a folder; return what it prints. It must end with 0."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=os.environ | {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def npm_program(name: str) -> Path:
    """Return the path of a program of npm."""
    return MODULES / ".bin" / name
