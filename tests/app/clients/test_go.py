"""Go's net/http and mime/multipart."""

from pathlib import Path

from tests.app.clients.exchanges import FOLDER, check, program, run_client
from tests.support.servers import Server


def test_go_gets_every_answer(server: Server, picture: Path) -> None:
    """Raw bodies, forms, streams and refusals are answered over one connection, then 16 at once."""
    command = [program("go"), "run", str(FOLDER / "client.go"), server.url, str(picture)]

    exchanges = run_client(*command)

    assert len(exchanges) == 9 + 16
    assert [exchange.reused for exchange in exchanges[:9]] == [False] + [True] * 8
    for exchange in exchanges:
        check(exchange)
