"""Environment variables of the settings: the port of the platform."""

import os
import subprocess
import sys

import pytest

from app.settings import SettingsError, load_settings
from tests.support.servers import serve


@pytest.mark.parametrize(
    ("environment", "port"),
    [
        ({"PORT": "8080"}, 8080),
        ({"PORT": "8080", "DIGITS_PORT": "9000"}, 9000),
        ({"DIGITS_PORT": "9000"}, 9000),
        ({"digits_port": "9000"}, 9000),
        ({"PORT": ""}, 8000),
        ({}, 8000),
    ],
)
def test_the_port_of_the_platform_counts_without_one_of_ours(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], port: int
) -> None:
    """DIGITS_PORT, in any case, counts first, then PORT, then the default."""
    for name in ("PORT", "DIGITS_PORT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert load_settings().port == port


@pytest.mark.parametrize("name", ["PORT", "DIGITS_PORT"])
def test_an_invalid_port_is_reported_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The message names the variable that is set."""
    monkeypatch.delenv("DIGITS_PORT", raising=False)
    monkeypatch.setenv(name, "70000")

    with pytest.raises(SettingsError, match=rf"^{name}: expected less than .*, got '70000'$"):
        load_settings()


def test_service_and_health_check_take_the_port_of_the_platform(free_port: int) -> None:
    """The service listens there, and the health check of the container asks there."""
    plain = {name: value for name, value in os.environ.items() if name != "DIGITS_PORT"}
    with serve(PORT=str(free_port)) as server:
        listening = server.port
        command = [sys.executable, "-m", "app.healthcheck"]
        done = subprocess.run(command, env=plain | {"PORT": str(free_port)}, check=False)

    assert (listening, done.returncode) == (free_port, 0)
