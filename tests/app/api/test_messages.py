"""HTTP messages that are independent of server and framework."""

from unittest.mock import Mock

import pytest
from starlette.requests import Request

from app.api.messages import StarletteRequest


@pytest.mark.parametrize(
    ("client", "peer"),
    [(("::1", 5), ("::1", 5)), (["::1", 5], ("::1", 5)), (None, ("", 0))],
)
def test_the_peer_can_be_a_key_whatever_the_server(client: object, peer: tuple[str, int]) -> None:
    """ASGI servers give the client's address as a tuple, as a list, or not at all."""
    scope = {
        "type": "http",
        "client": client,
        "path": "/",
        "query_string": b"",
        "headers": [],
        "state": {"record": Mock()},
    }

    request = StarletteRequest(Request(scope))

    assert {request.peer} == {peer}
