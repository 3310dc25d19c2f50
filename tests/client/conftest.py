"""Fixtures: a running service with an API key, and both clients of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.client.blocking import Connect, asynchronous, synchronous
from tests.support.pictures import as_bytes
from tests.support.servers import Server, serve

KEY = "a-key-of-the-client"


@pytest.fixture(scope="package")
def service() -> Iterator[Server]:
    """Return a running service that needs a key."""
    with serve(DIGITS_API_KEYS=KEY) as one:
        yield one


@pytest.fixture(params=[synchronous, asynchronous])
def connect(request: pytest.FixtureRequest) -> Connect:
    """Return the function that creates a client: the synchronous or the asyncio one."""
    function: Connect = request.param
    return function


@pytest.fixture
def client(connect: Connect, service: Server) -> Iterator[Any]:
    """Return a client of the service."""
    with connect(service.url, api_key=KEY) as one:
        yield one


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of 150 files on two levels: number 7 is no image, 140 a broken one."""
    for number in range(150):
        place = tmp_path / ("later" if number >= 100 else "first")
        place.mkdir(exist_ok=True)
        content = {7: b"no image", 140: as_bytes()[:60]}.get(number, as_bytes())
        (place / f"{number:03}.PNG").write_bytes(content)
    (tmp_path / "first" / "notes.txt").write_text("left out: not the suffix of an image")
    return tmp_path
