"""A client that sends thousands of requests over one connection: its memory and the server's."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.memory import MEGABYTE, resident_bytes
from tests.support.pictures import as_bytes
from tests.support.servers import Server

# Sends requests of its three kinds by turns; writes its resident bytes after each line it reads.
CLIENT = """
import http.client, sys
from pathlib import Path

port, picture = int(sys.argv[1]), bytes.fromhex(sys.argv[2])
form = b'--b\\r\\nContent-Disposition: form-data; name="image"; filename="a"\\r\\n\\r\\n' + picture
form += b"\\r\\n--b--\\r\\n"
kinds = [
    (picture, "image/png", 200),
    (form, "multipart/form-data; boundary=b", 200),
    (b"no picture", "image/png", 415),
]
connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
connection.connect()
socket = connection.sock
for line in sys.stdin:
    for number in range(int(line)):
        body, kind, status = kinds[number % 3]
        connection.request("POST", "/v1/predictions", body, {"Content-Type": kind})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status
    assert connection.sock is socket
    lines = Path("/proc/self/status").read_text().splitlines()
    print(next(line.split()[1] for line in lines if line.startswith("VmRSS")), flush=True)
"""


@contextmanager
def running_client(port: int) -> Iterator[subprocess.Popen[str]]:
    """Run a client process."""
    command = [sys.executable, "-c", CLIENT, str(port), as_bytes().hex()]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as client:
        yield client


def ask(client: subprocess.Popen[str], requests: int) -> int:
    """Let a client send requests; return its resident bytes then."""
    assert client.stdin
    assert client.stdout
    client.stdin.write(f"{requests}\n")
    client.stdin.flush()
    return int(client.stdout.readline()) * 1024


def test_memory_of_client_and_server_does_not_grow(default_server: Server) -> None:
    """1,500 requests over one connection after a warm-up leave the memory of both as it was."""
    server = default_server.process.pid
    with running_client(default_server.port) as client:
        client_before, server_before = ask(client, 500), resident_bytes(server)

        client_after, server_after = ask(client, 1500), resident_bytes(server)

    assert client.returncode == 0
    assert client_after - client_before < 2 * MEGABYTE
    assert server_after - server_before < 5 * MEGABYTE
