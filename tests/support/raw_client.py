"""Raw HTTP client: sends given bytes in given pieces, and reads all responses to the end."""

import json
import re
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """A response without what differs between two equal requests: new ids and durations."""

    status: int
    id: str  # the caller's, or "new"
    content: str


def exchange(
    port: int, pieces: Iterable[bytes], *, pause: float = 0.01, half_close: bool = False
) -> list[Answer]:
    """Send pieces over one connection with pauses between them; return all responses.

    The server closes the connection at the end; with ``half_close`` the client closes its sending
    side before.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        received = b""
        try:
            for number, piece in enumerate(pieces):
                time.sleep(pause if number else 0)
                connection.sendall(piece)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
        except OSError:  # the server has closed the connection
            pass
        try:
            while more := connection.recv(65536):
                received += more
        except ConnectionError:
            pass
    return parse_answers(received)


def parse_answers(received: bytes) -> list[Answer]:
    """Parse responses; interim ones are left out. A part of a response has the status 0."""
    answers: list[Answer] = []
    while received:
        head, end, rest = received.partition(b"\r\n\r\n")
        status = re.match(rb"HTTP/1\.1 (\d{3}) ", head)
        if not end or not status:
            return [*answers, Answer(0, "", repr(received[:100]))]
        if status[1].startswith(b"1"):
            received = rest
            continue
        headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        request_id = headers.get(b"x-request-id", b"").decode()
        length = int(headers.get(b"content-length", b"0"))
        is_head = request_id.startswith("head") or rest.startswith(b"HTTP/1.1 ")
        # A refused HEAD may have an id of the server's, and is the last request.
        is_head |= not rest and headers.get(b"connection") == b"close"
        if is_head and not rest.startswith(b"{"):
            length = 0
        body, received = rest[:length], rest[length:]
        if len(body) < length:
            return [*answers, Answer(0, request_id, repr(body[:100]))]
        # A header that is too large is refused before or after the line with the id.
        name = "" if status[1] == b"431" else _name(request_id)
        answers.append(Answer(int(status[1]), name, _content(body)))
    return answers


def _name(request_id: str) -> str:
    return "new" if re.fullmatch(r"[0-9a-f]{32}", request_id) else request_id


def _content(body: bytes) -> str:
    """Return what is the same in all responses to a request."""
    if not body.startswith(b"{"):
        return str(body[:20])
    document: Any = json.loads(body)
    if "detail" in document:
        return str(document["detail"])
    digits = [one.get("digit") for one in document.get("predictions", [document])]
    return f"{digits} {sorted(document)}"
