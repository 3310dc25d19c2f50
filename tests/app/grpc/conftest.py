"""Fixtures of the tests of gRPC, which need the extra."""

from collections.abc import Iterator

import pytest

pytest.importorskip("grpc", reason="needs the extra: pip install '.[grpc]'")

from tests.app.conftest import LIMITS
from tests.support.grpc_servers import serve_grpc
from tests.support.servers import Server


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Server, str]]:
    """Return a running server with low limits, and its address for gRPC."""
    limits = LIMITS | {"max_body_bytes": 250_000}  # 256 rows of a tensor have 200,704
    with serve_grpc(
        **{f"DIGITS_{name.upper()}": str(value) for name, value in limits.items()}
    ) as one:
        yield one


@pytest.fixture(scope="module")
def server(running: tuple[Server, str]) -> Server:
    """Return the running server."""
    return running[0]


@pytest.fixture(scope="module")
def address(running: tuple[Server, str]) -> str:
    """Return its address for gRPC."""
    return running[1]
