"""The service as a process: start, limits on the wire, cut connections, stop."""

import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from app.settings import Settings
from app.version import VERSION
from model_core.weights import pretrained_dir
from tests.support.pictures import as_bytes, with_scans
from tests.support.servers import Server, run_to_the_end, serve


def receive_until(connection: socket.socket, end: bytes) -> bytes:
    """Return what arrives up to ``end``, in however many pieces, or up to the close."""
    answer = b""
    while end not in answer and (piece := connection.recv(65536)):
        answer += piece
    return answer


def test_an_answer_over_the_wire(server: Server) -> None:
    """A real client and a real server; the connection is kept for the next request."""
    with httpx.Client(base_url=server.url) as client:
        first = client.post("/v1/predictions", files={"image": as_bytes()})
        second = client.post("/v1/predictions", content=as_bytes())

    assert first.json()["digit"] == second.json()["digit"] == 2
    assert first.headers.keys() >= {"x-request-id", "content-length"}
    assert "server" not in first.headers


def test_head_over_the_wire(server: Server) -> None:
    """Headers and nothing behind them; the connection goes on with the next request."""
    head = b"HEAD /v1/models HTTP/1.1\r\nHost: x\r\n\r\n"
    get = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(head + get)
        first, _, second = receive_until(connection, b"alive").partition(b"\r\n\r\n")

    assert first.startswith(b"HTTP/1.1 200 ")
    assert b"content-length: 0" not in first.lower()
    assert second.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01\x02\x00\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    ],
)
def test_what_is_not_http_is_answered_like_any_error(server: Server, request_bytes: bytes) -> None:
    """400 as a problem document with a request id, and the connection ends."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(request_bytes)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    head, _, body = answer.partition(b"\r\n\r\n")
    problem = json.loads(body)
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"content-type: application/problem+json" in head.lower().split(b"\r\n")
    assert f"x-request-id: {problem['request_id']}".encode() in head.lower().split(b"\r\n")
    assert problem["status"] == 400
    assert problem["detail"].startswith("request: expected HTTP/1.1, got: Invalid HTTP request")


def test_one_blas_thread() -> None:
    """Importing the service's entry starts no BLAS workers, whatever the environment says."""
    program = (
        "import app.__main__, os, numpy; numpy.ones((300, 300)) @ numpy.ones((300, 300)); "
        "print(len(os.listdir('/proc/self/task')))"
    )
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "4"}
    command = [sys.executable, "-c", program]

    assert subprocess.check_output(command, env=environment) == b"1\n"


def test_a_body_without_length_is_counted_while_it_arrives(server: Server) -> None:
    """Chunks for ever: 413 as soon as the limit is crossed."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(
            b"POST /v1/predictions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        for _ in range(4):
            connection.sendall(b"10000\r\n" + bytes(0x10000) + b"\r\n")
        answer = receive_until(connection, b"}")

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"expected at most 200000 bytes, got more" in answer


def test_a_body_that_is_announced_too_long_is_not_waited_for(server: Server) -> None:
    """Content-Length over the limit: 413 before a byte of the body."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(
            b"POST /v1/predictions HTTP/1.1\r\nHost: x\r\nContent-Length: 200001\r\n\r\n"
        )
        answer = receive_until(connection, b"}")

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_jpeg_within_tiff_has_no_more_scans_than_by_itself(server: Server) -> None:
    """The TIFF library keeps to the same limit: 32 scans are read, 33 refused."""

    def tiff(scans: int) -> bytes:
        jpeg = with_scans(scans, side=304)
        tags = [(256, 304), (257, 304), (258, 8), (259, 7), (262, 1)]
        tags += [(273, 8 + 2 + 12 * 8 + 4), (278, 304), (279, len(jpeg))]
        entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
        return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4) + jpeg

    statuses = [
        httpx.post(f"{server.url}/v1/predictions", content=tiff(scans)).status_code
        for scans in (6, 32, 33)
    ]

    assert statuses == [200, 200, 422]


def test_cut_connections_leave_no_trace(server: Server) -> None:
    """Clients that go away in the middle of a body: no traceback, and the service goes on."""
    kinds = (b"image/png", b"application/json", b"multipart/form-data; boundary=x")
    for number in range(30):
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(
                b"POST /v1/predictions HTTP/1.1\r\nHost: x\r\nContent-Type: "
                + kinds[number % 3]
                + b"\r\nContent-Length: 1000\r\n\r\n--x\r\n"
            )

    assert httpx.post(f"{server.url}/v1/predictions", content=as_bytes()).json()["digit"] == 2
    assert "Traceback" not in "".join(server.log)


def test_a_stop_says_so_first_and_loses_nothing() -> None:
    """SIGTERM during an upload: not ready at once, the upload is answered, exit code 0."""
    body = as_bytes()
    with (
        serve(DIGITS_DRAIN_SECONDS="1") as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as upload,
    ):
        upload.sendall(
            b"POST /v1/predictions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
            + body[:50]
        )
        before = httpx.get(f"{server.url}/readyz").status_code
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        during = [httpx.get(f"{server.url}{path}").status_code for path in ("/readyz", "/healthz")]
        time.sleep(1.2)
        upload.sendall(body[50:])
        answer = b"".join(iter(lambda: upload.recv(65536), b""))

        assert before == 200
        assert during == [503, 200]
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b'"digit":2' in answer
        assert server.end() == 0
        assert "Traceback" not in "".join(server.log)


def test_ctrl_c_stops_at_once() -> None:
    """SIGINT does not wait; exit code 0."""
    with serve(DIGITS_DRAIN_SECONDS="60") as server:
        assert httpx.get(f"{server.url}/healthz").status_code == 200
        server.process.send_signal(signal.SIGINT)

        assert server.end() == 0
        assert "Traceback" not in "".join(server.log)


def test_a_second_signal_ends_the_wait() -> None:
    """SIGTERM twice: the drain is over."""
    with serve(DIGITS_DRAIN_SECONDS="60") as server:
        assert httpx.get(f"{server.url}/healthz").status_code == 200
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)

        assert server.end() == 0


def corrupt(directory: Path) -> None:
    """Put a weights file with a flipped byte into a directory."""
    content = bytearray((pretrained_dir() / "cnn.safetensors").read_bytes())
    content[-1] ^= 1
    (directory / "cnn.safetensors").write_bytes(content)


def truncated(directory: Path) -> None:
    """Put half a weights file into a directory."""
    content = (pretrained_dir() / "cnn.safetensors").read_bytes()
    (directory / "cnn.safetensors").write_bytes(content[: len(content) // 2])


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda _: None, "got no weights file there; train one with"),
        (corrupt, "cnn.safetensors: content: expected SHA-256"),
        (truncated, "cnn.safetensors: expected a complete safetensors file"),
    ],
)
def test_weights_that_cannot_be_served_end_the_process(
    tmp_path: Path, prepare: object, message: str
) -> None:
    """Exit code 1 at once, and one line that says what to do."""
    prepare(tmp_path)  # type: ignore[operator]

    done = run_to_the_end(DIGITS_WEIGHTS_DIR=str(tmp_path))

    assert done.returncode == 1
    assert message in done.stderr
    assert "python -m training fit" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("DIGITS_PORT", "http", "DIGITS_PORT: expected a valid integer"),
        ("DIGITS_PORT", "70000", "DIGITS_PORT: expected less than or equal to 65535, got '70000'"),
        ("DIGITS_MAX_PIXELS", "0", "DIGITS_MAX_PIXELS: expected greater than or equal to 1"),
        ("DIGITS_MAX_PIXELS", "178956971", "expected less than or equal to 178956970"),
        ("DIGITS_LOG_LEVEL", "loud", "'info', 'warning' or 'error', got 'loud'"),
        ("DIGITS_DEFAULT_MODEL", "rnn", "rnn.safetensors, got cnn, dnn"),
    ],
)
def test_a_bad_setting_ends_the_process(variable: str, value: str, message: str) -> None:
    """Exit code 1, and one line with the variable, what was expected and what came."""
    done = run_to_the_end(**{variable: value})

    assert done.returncode == 1
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_port_in_use_ends_the_process(server: Server) -> None:
    """Exit code 1 and a line with the address."""
    done = run_to_the_end(DIGITS_PORT=str(server.port))

    assert done.returncode == 1
    assert "address already in use" in done.stderr.lower()
    assert "Traceback" not in done.stderr


def test_a_typing_error_in_a_variable_is_pointed_out() -> None:
    """An unknown DIGITS_ variable is named in the log; that of training is not."""
    with serve(DIGITS_PROT="1", DIGITS_DATA="x") as server:
        assert server.port

    log = "".join(server.log)
    assert "DIGITS_PROT: expected a setting" in log
    assert "DIGITS_DATA" not in log


def test_the_version_is_printed() -> None:
    """--version names the service and its version."""
    assert run_to_the_end("--version").stdout == f"digitserve {VERSION}\n"


def test_an_unknown_option_is_refused() -> None:
    """There is no --port; the help says what there is."""
    done = run_to_the_end("--port", "1")

    assert done.returncode == 2
    assert "unrecognized arguments: --port" in done.stderr


def test_the_health_check_of_the_image(server: Server) -> None:
    """Exit code 0 while the service answers, 1 if not; its default port is the settings'."""
    codes = [_health_check(DIGITS_PORT=str(port)) for port in (server.port, 1)]

    assert codes == [0, 1]
    assert Settings().port == 8000


def _health_check(**environment: str) -> int:
    command = [sys.executable, "-m", "app.healthcheck"]
    return subprocess.run(command, env=os.environ | environment, check=False).returncode
