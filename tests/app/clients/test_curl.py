"""curl, with the options that change how a request is framed; and nc, which half-closes."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.app.clients.exchanges import program
from tests.support.pictures import encode, two
from tests.support.servers import Server

URL = "/v1/predictions"

PNG = ["-H", "Content-Type: image/png"]  # curl's default is that of a form
DATA = [*PNG, "--data-binary", "@two.png"]
STREAM = ["-X", "POST", "-T", "two.png", "-H", "Transfer-Encoding: chunked"]
WEBSOCKET = [
    "-H",
    "Connection: Upgrade",
    "-H",
    "Upgrade: websocket",
    "-H",
    "Sec-WebSocket-Key: eA==",
]
ONE_FILE = ["-F", "image=@two.png"]
BATCH = ["-F", "images=@two.png", "-F", 'images=@two.png;filename="2".png']

WAYS: dict[str, list[str]] = {
    "raw": DATA,
    "form": ONE_FILE,
    "form with text": [*ONE_FILE, "-F", "text=two"],
    "form, HTTP/2 offered": ["--http2", *ONE_FILE],
    "HTTP/2 offered": ["--http2", *DATA],
    "HTTP/2 offered, chunked": ["--http2", *STREAM],
    "HTTP/1.0": ["--http1.0", *DATA],
    "HTTP/1.0, form": ["--http1.0", *ONE_FILE],
    "chunked": STREAM,
    "chunked from a pipe": ["-X", "POST", "-T", "-"],
    "chunked form": ["-H", "Transfer-Encoding: chunked", *ONE_FILE],
    "waits for 100": ["-H", "Expect: 100-continue", "--expect100-timeout", "15", *DATA],
    "large, waits for 100": ["--expect100-timeout", "15", *PNG, "--data-binary", "@large.png"],
    "websocket": [*DATA, *WEBSOCKET],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, picture: Path) -> Path:
    """Return a folder with the picture, and one of 150 KB."""
    folder = tmp_path_factory.mktemp("curl")
    (folder / "two.png").write_bytes(picture.read_bytes())
    (folder / "large.png").write_bytes(encode(two(400), compress_level=0))
    return folder


def curl(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run curl in a folder, with a picture at its standard input."""
    command = [program("curl"), "--silent", "--show-error", "--max-time", "20", *arguments]
    picture = (folder / "two.png").read_bytes()
    return subprocess.run(command, cwd=folder, input=picture, capture_output=True, check=False)


def document(done: subprocess.CompletedProcess[bytes]) -> Any:
    """Return the document that curl has printed."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_curl_gets_its_digit(server: Server, folder: Path, way: list[str]) -> None:
    """A digit is recognised, however curl sends it; the request id is the caller's."""
    found = document(curl(folder, "-H", "X-Request-ID: curl", *way, server.url + URL))

    assert (found["digit"], found["request_id"]) == (2, "curl")


@pytest.mark.parametrize("options", [[], ["--http2"], ["--http1.0"]])
def test_curl_gets_its_batch(server: Server, folder: Path, options: list[str]) -> None:
    """A batch is answered in its order, also with an escaped file name."""
    found = document(curl(folder, *options, *BATCH, f"{server.url}{URL}/batch"))

    assert [one["digit"] for one in found["predictions"]] == [2, 2]


@pytest.mark.parametrize("options", [[], ["--http2"], ["-H", "Transfer-Encoding: chunked"]])
def test_curl_sees_the_problem_document(server: Server, folder: Path, options: list[str]) -> None:
    """A body over the limit, sent with and without waiting, is refused with a document."""
    (folder / "huge").write_bytes(bytes(2_000_000))
    for expect in ("Expect: 100-continue", "Expect:"):
        sent = [*PNG, "-H", expect, "--data-binary", "@huge", *options, server.url + URL]

        assert document(curl(folder, *sent))["status"] == 413


@pytest.mark.parametrize("option", ["--http1.1", "--http2"])
def test_curl_uses_one_connection(server: Server, folder: Path, option: str) -> None:
    """Requests of every kind, with errors between them, share one connection."""
    kinds = [DATA, ONE_FILE, ["-d", "no picture"], ["-X", "POST", "-T", "two.png"], DATA]
    command: list[str] = []
    for kind in kinds:
        command += ["--next"] if command else []
        command += [
            "--silent",
            "-o",
            "answer",
            "-w",
            "%{http_code} %{num_connects}\n",
            option,
            *kind,
        ]
        command += [server.url + URL]

    lines = curl(folder, *command).stdout.decode().split("\n")[:-1]

    assert lines == ["200 1", "200 0", "415 0", "200 0", "200 0"]


def test_http2_without_an_offer_is_refused_at_once(server: Server, folder: Path) -> None:
    """A client that speaks HTTP/2 without asking gets an error at once."""
    done = curl(folder, "--http2-prior-knowledge", server.url + "/healthz")

    assert done.returncode not in (0, 28)  # 28: timeout


@pytest.mark.parametrize("query", ["", "?model=dnn", "?include=explanation"])
def test_nc_gets_its_answer(server: Server, picture: Path, query: str) -> None:
    """A client that closes its sending side after the request is answered."""
    body = picture.read_bytes()
    head = f"POST {URL}{query} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    command = [program("nc.openbsd"), "-N", "127.0.0.1", str(server.port)]

    done = subprocess.run(
        command, input=head.encode() + body, capture_output=True, check=True, timeout=20
    )

    assert done.stdout.startswith(b"HTTP/1.1 200 ")
    assert json.loads(done.stdout.partition(b"\r\n\r\n")[2])["digit"] == 2
