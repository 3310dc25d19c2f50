"""node's fetch, http and http2."""

from pathlib import Path

from tests.app.clients.exchanges import FOLDER, check, program, run_client
from tests.support.servers import Server


def test_node_gets_every_answer(server: Server, picture: Path) -> None:
    """Fetch and http get each answer, and an upgrade keeps the connection; http2 gets an error."""
    command = [program("node"), str(FOLDER / "client.mjs"), server.url, str(picture)]

    *exchanges, reused, http2 = run_client(*command)

    assert len(exchanges) == 6 + 16 + 8
    assert reused.body == [False] + [True] * 7
    assert http2.body == "closed"
    for exchange in exchanges:
        check(exchange)
