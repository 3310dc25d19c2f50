"""Fixtures: a running service, and its OpenAPI document as a file."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.app.clients.generated.generators import check_installed
from tests.support.servers import Server, serve

KEY = "a-key-for-generated-clients"


@pytest.fixture(scope="package")
def service() -> Iterator[Server]:
    """Return a running service that needs an API key, or skip."""
    check_installed()
    with serve(DIGITS_API_KEYS=KEY) as one:
        yield one


@pytest.fixture(scope="package")
def document(service: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of the OpenAPI document that the service sends."""
    path = tmp_path_factory.mktemp("openapi") / "openapi.json"
    path.write_text(httpx.get(f"{service.url}/openapi.json").text)
    return path
