"""Fixtures of the service: in this process, and as a process of its own."""

import asyncio
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.inference.readiness import Readiness
from app.inference.registry import Registry, load_registry
from app.main import create_app
from app.middleware.gateway import Gateway
from app.settings import Settings
from tests.support.databases import sqlite, with_tables
from tests.support.pictures import as_bytes
from tests.support.postgres import Postgres, find_postgres, postgres
from tests.support.servers import Server, serve

# Low enough to reach in a test; the largest image in other tests has 90,000 pixels.
LIMITS: dict[str, Any] = {"max_body_bytes": 200_000, "max_pixels": 1_000_000, "max_batch_images": 4}


class Client:
    """HTTP client of an application in this process; it sends one request at a time."""

    def __init__(self, app: Gateway) -> None:
        self.app = app

    def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        """Return the response to one request."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                response = await client.request(method, url, **options)
            self.app.services.predictions.stop()
            return response

        return asyncio.run(ask())

    def get(self, url: str, **options: Any) -> httpx.Response:
        """Return the response to a GET."""
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> httpx.Response:
        """Return the response to a POST."""
        return self.request("POST", url, **options)


@pytest.fixture(scope="session")
def registry() -> Registry:
    """Return the shipped models."""
    settings = Settings()
    return load_registry(settings.weights_dir, default=settings.default_model)


@pytest.fixture
def readiness() -> Readiness:
    """Return the readiness flag of a started service."""
    state = Readiness()
    state.ready = True
    return state


@pytest.fixture
def client(registry: Registry, readiness: Readiness) -> Client:
    """Return a client of an application with low limits."""
    return Client(create_app(Settings(**LIMITS), registry, readiness))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Return a running server with low limits."""
    with serve(**{f"DIGITS_{name.upper()}": str(value) for name, value in LIMITS.items()}) as one:
        yield one


@pytest.fixture(scope="module")
def default_server() -> Iterator[Server]:
    """Return a running server with the default limits that has answered a request."""
    with serve() as one:
        httpx.post(f"{one.url}/v1/predictions", content=as_bytes())
        yield one


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """Return a running PostgreSQL server, or skip."""
    programs = find_postgres()
    if programs is None:
        pytest.skip("needs PostgreSQL: apt install postgresql")
    with postgres(programs) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a new database with the tables: SQLite, and PostgreSQL."""
    if request.param == "sqlite":
        return sqlite(tmp_path)
    server: Postgres = request.getfixturevalue("postgres_server")
    return with_tables(server.create(uuid.uuid4().hex))


@pytest.fixture
def connect(registry: Registry, readiness: Readiness) -> Iterator[Callable[..., Client]]:
    """Return a function: a client of an application with a database and other settings."""
    clients: list[Client] = []

    def create(**settings: Any) -> Client:
        clients.append(Client(create_app(Settings(**LIMITS, **settings), registry, readiness)))
        return clients[-1]

    yield create
    for one in clients:
        if one.app.services.feedback is not None:
            one.app.services.feedback.stop()
