"""Java's HttpClient, with its defaults (it offers HTTP/2) and with HTTP/1.1."""

from pathlib import Path

from tests.app.clients.exchanges import FOLDER, check, program, run_client
from tests.support.servers import Server


def test_java_gets_every_answer(server: Server, picture: Path) -> None:
    """The first and the second request of each client are answered, and 16 at the same time."""
    java = Path(program("javac")).with_name("java")  # a runtime alone cannot run a source file

    code = FOLDER / "HttpClientTest.java"
    exchanges = run_client(str(java), str(code), server.url, str(picture))

    assert len(exchanges) == 2 * 8 * 2 + 16
    for exchange in exchanges:
        check(exchange)
