"""Fixtures of the library's tests: the service in this process, with the default limits."""

import pytest

from app.inference.readiness import Readiness
from app.inference.registry import load_registry
from app.main import create_app
from app.settings import Settings
from tests.app.conftest import Client


@pytest.fixture(scope="session")
def default_client() -> Client:
    """Return a client of an application with the default settings."""
    settings, readiness = Settings(), Readiness()
    readiness.ready = True
    return Client(create_app(settings, load_registry(settings.weights_dir), readiness))
