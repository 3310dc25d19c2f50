"""The service as a process: start, settings, limits, aborted connections, shutdown."""

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
from tests.support.models import SHIPPED
from tests.support.pictures import as_bytes, with_scans
from tests.support.servers import Server, run_to_the_end, serve


def receive_until(connection: socket.socket, end: bytes) -> bytes:
    """Return the bytes that arrive up to ``end``, or up to the close of the connection."""
    answer = b""
    while end not in answer and (piece := connection.recv(65536)):
        answer += piece
    return answer


def test_predictions_over_a_kept_connection(server: Server) -> None:
    """A form and a raw body are answered on the same connection, without a Server header."""
    with httpx.Client(base_url=server.url) as client:
        first = client.post("/v1/predictions", files={"image": as_bytes()})
        second = client.post("/v1/predictions", content=as_bytes())

    assert first.json()["digit"] == second.json()["digit"] == 2
    assert first.headers.keys() >= {"x-request-id", "content-length"}
    assert "server" not in first.headers


def test_head_has_no_body(server: Server) -> None:
    """A response to HEAD has headers only; the next request on the connection is answered."""
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
def test_invalid_http_gives_a_problem_document(server: Server, request_bytes: bytes) -> None:
    """Bytes that are not HTTP get 400 as a problem document with a request id."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(request_bytes)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    head, _, body = answer.partition(b"\r\n\r\n")
    problem = json.loads(body)
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"content-type: application/problem+json" in head.lower().split(b"\r\n")
    assert f"x-request-id: {problem['request_id']}".encode() in head.lower().split(b"\r\n")
    assert problem["status"] == 400
    assert problem["detail"].startswith("request: expected HTTP/1.1, got: Invalid ")


def test_blas_uses_one_thread() -> None:
    """The service sets BLAS to one thread, whatever the environment says."""
    program = (
        "import app.__main__, os, numpy; numpy.ones((300, 300)) @ numpy.ones((300, 300)); "
        "print(len(os.listdir('/proc/self/task')))"
    )
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "4"}
    command = [sys.executable, "-c", program]

    assert subprocess.check_output(command, env=environment) == b"1\n"


def test_a_body_without_length_is_counted_while_it_arrives(server: Server) -> None:
    """A chunked body gets 413 as soon as it exceeds the limit."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(
            b"POST /v1/predictions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        for _ in range(4):
            connection.sendall(b"10000\r\n" + bytes(0x10000) + b"\r\n")
        answer = receive_until(connection, b"}")

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"expected at most 200000 bytes, got more" in answer


def test_a_content_length_over_the_limit_is_refused_at_once(server: Server) -> None:
    """A Content-Length over the limit gets 413 before the body arrives."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(
            b"POST /v1/predictions HTTP/1.1\r\nHost: x\r\nContent-Length: 200001\r\n\r\n"
        )
        answer = receive_until(connection, b"}")

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_the_scan_limit_holds_for_jpeg_in_tiff(server: Server) -> None:
    """A JPEG-compressed TIFF of 32 scans is decoded, one of 33 refused."""

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


def test_aborted_uploads_cause_no_error(server: Server) -> None:
    """Clients that disconnect during the body cause no traceback, and the service goes on."""
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


def test_sigterm_drains_and_finishes_open_requests() -> None:
    """After SIGTERM the service is not ready, finishes an open upload and exits with 0."""
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


BODY = b"Content-Length: 9\r\n\r\nhalf"
FORM = b"Content-Type: multipart/form-data; boundary=x\r\n"
INCOMPLETE = {
    "fast": BODY,
    "ASGI": b"Upgrade: x\r\n" + BODY,
    "form": FORM + b"Content-Length: 99999\r\n\r\n--x\r\n",
    "chunked": b"Transfer-Encoding: chunked\r\n\r\n5\r\nhalf",
    "header": b"Content-",
}


@pytest.mark.parametrize("kind", INCOMPLETE)
def test_an_upload_cut_off_at_the_end_of_the_grace_period_gets_503(kind: str) -> None:
    """A request that is still incomplete then is answered, logged and counted as 503."""
    with (
        serve(DIGITS_DRAIN_SECONDS="0", DIGITS_GRACE_SECONDS="0") as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as upload,
    ):
        upload.sendall(b"POST /v1/predictions HTTP/1.1\r\nHost: x\r\n" + INCOMPLETE[kind])
        httpx.get(f"{server.url}/healthz")
        server.process.send_signal(signal.SIGTERM)
        answer = b"".join(iter(lambda: upload.recv(65536), b""))

        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"application/problem+json" in answer
        assert server.end() == 0
        assert "Traceback" not in "".join(server.log)
    lines = [json.loads(line) for line in server.log if '"request"' in line]
    assert [line["status"] for line in lines] == [503]
    assert lines[0]["request_id"].encode() in answer


def test_ctrl_c_stops_at_once() -> None:
    """SIGINT stops the service without a drain period, with exit code 0."""
    with serve(DIGITS_DRAIN_SECONDS="60") as server:
        assert httpx.get(f"{server.url}/healthz").status_code == 200
        server.process.send_signal(signal.SIGINT)

        assert server.end() == 0
        assert "Traceback" not in "".join(server.log)


def test_a_second_signal_ends_the_drain() -> None:
    """A second SIGTERM ends the drain period."""
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
def test_missing_or_broken_weights_are_reported(
    tmp_path: Path, prepare: object, message: str
) -> None:
    """Without valid weights the exit code is 1, and one line says what to do."""
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
        (
            "DIGITS_DRAIN_SECONDS",
            "inf",
            "DIGITS_DRAIN_SECONDS: expected less than or equal to 86400",
        ),
        ("DIGITS_DECODE_BYTES", "9" * 20, "expected less than or equal to 1000000000000"),
        ("DIGITS_MAX_PIXELS", "0", "DIGITS_MAX_PIXELS: expected greater than or equal to 1"),
        ("DIGITS_MAX_PIXELS", "178956971", "expected less than or equal to 178956970"),
        ("DIGITS_LOG_LEVEL", "loud", "'info', 'warning' or 'error', got 'loud'"),
        ("DIGITS_DEFAULT_MODEL", "rnn", f"rnn.safetensors, got {', '.join(SHIPPED)}"),
    ],
)
def test_an_invalid_setting_is_reported(variable: str, value: str, message: str) -> None:
    """For an invalid setting the exit code is 1, and one line has the expected and actual value."""
    done = run_to_the_end(**{variable: value})

    assert done.returncode == 1
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_port_in_use_is_reported(server: Server) -> None:
    """With a port in use the exit code is 1, and a log line gives the reason."""
    done = run_to_the_end(DIGITS_PORT=str(server.port))

    assert done.returncode == 1
    assert "address already in use" in done.stderr.lower()
    assert "Traceback" not in done.stderr


def test_an_unknown_variable_is_logged() -> None:
    """An unknown DIGITS_ variable gives a warning; the variable of training does not."""
    with serve(DIGITS_PROT="1", DIGITS_DATA="x") as server:
        assert server.port

    log = "".join(server.log)
    assert "DIGITS_PROT: expected a setting" in log
    assert "DIGITS_DATA" not in log


def test_the_version_is_printed() -> None:
    """--version prints the name and the version of the service."""
    assert run_to_the_end("--version").stdout == f"digitserve {VERSION}\n"


def test_an_unknown_option_is_refused() -> None:
    """An unknown option exits with code 2 and names the option."""
    done = run_to_the_end("--port", "1")

    assert done.returncode == 2
    assert "unrecognized arguments: --port" in done.stderr


def test_the_container_health_check(server: Server) -> None:
    """The health check exits with 0 if the service answers, else with 1."""
    codes = [_health_check(DIGITS_PORT=str(port)) for port in (server.port, 1)]

    assert codes == [0, 1]
    assert Settings().port == 8000


def _health_check(**environment: str) -> int:
    command = [sys.executable, "-m", "app.healthcheck"]
    return subprocess.run(command, env=os.environ | environment, check=False).returncode
