"""Fixtures: a running service, a client of Triton, and the answers of /v1."""

from collections.abc import Iterator
from typing import Any

import pytest
from tritonclient.http import InferenceServerClient

from tests.app.clients.open_inference.answers import Answers, ask, draw
from tests.support.servers import Server, serve

ADMIN_KEY = "an-admin-key-of-tests"


@pytest.fixture(scope="package")
def service() -> Iterator[Server]:
    """Return a running service with the default settings."""
    with serve() as one:
        yield one


@pytest.fixture(scope="package")
def drawn(service: Server) -> Answers:
    """Return 256 pictures with the answers of /v1."""
    return ask(service, draw(256))


@pytest.fixture
def triton(service: Server) -> Iterator[Any]:
    """Return the synchronous client of Triton."""
    with InferenceServerClient(f"127.0.0.1:{service.port}") as client:
        yield client
