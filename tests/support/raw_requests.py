"""Streams of HTTP/1.1 requests for fuzzing, valid and damaged, reproducible by a seed."""

import base64
import json
import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.support.pictures import as_bytes

PICTURE = as_bytes()
# Limit of the server that the streams are for.
MAX_BODY_BYTES = 20_000

_Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Stream:
    """The bytes that a client sends over one connection; the last request closes it.

    ``expected`` has id and status of each response, or is None for a damaged stream.
    """

    content: bytes
    requests: int
    expected: list[tuple[str, int]] | None = None


@dataclass(slots=True)
class _Request:
    method: str = "POST"
    target: str = "/v1/predictions"
    body: bytes | None = None
    status: int = 200
    kind: str = "image/png"


def streams(count: int, *, seed: int) -> list[Stream]:
    """Return ``count`` streams; every second one is damaged."""
    chance = random.Random(seed)
    return [_stream(chance, damaged=number % 2 == 1) for number in range(count)]


def _stream(chance: random.Random, *, damaged: bool) -> Stream:
    requests = [_choose(chance) for _ in range(chance.choice((1, 1, 2, 3, 6)))]
    wires, expected = [], []
    for number, request in enumerate(requests):
        # A response to HEAD has no body: the client knows such a response by the id.
        name = f"{'head' if request.method == 'HEAD' else 'id'}-{number}"
        wires.append(_wire(request, name, chance))
        expected.append((name, request.status))
    if damaged:
        place = chance.randrange(len(wires))
        wires[place] = chance.choice(_DAMAGES)(wires[place], chance)
    last = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Request-ID: last\r\nConnection: close\r\n\r\n"
    content = b"".join([*wires, last])
    return Stream(content, len(wires) + 1, None if damaged else [*expected, ("last", 200)])


def _choose(chance: random.Random) -> _Request:
    """Return a request of a random kind."""
    return chance.choice(_KINDS)(chance)


def _picture(chance: random.Random) -> _Request:
    target = chance.choice(
        ("/v1/predictions", "/v1/predictions?model=dnn", "/v1/predictions?include=input")
    )
    return _Request(target=target, body=PICTURE)


def _form(chance: random.Random) -> _Request:
    field, files = chance.choice((("image", 1), ("images", 1), ("images", 3)))
    boundary = chance.choice(("b", "----WebKitFormBoundaryAbC", "a_b'c"))
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="a"\r\n\r\n'
    body = b"".join(head.encode() + PICTURE + b"\r\n" for _ in range(files))
    body = chance.choice((b"", b"preamble\r\n")) + body + f"--{boundary}--\r\n".encode()
    target = "/v1/predictions" + ("" if field == "image" else "/batch")
    return _Request(target=target, body=body, kind=f"multipart/form-data; boundary={boundary}")


def _json(_: random.Random) -> _Request:
    document = json.dumps({"image": base64.b64encode(PICTURE).decode()})
    return _Request(body=document.encode(), kind="application/json")


def _get(chance: random.Random) -> _Request:
    target = chance.choice(
        ("/healthz", "/readyz", "/v1/models", "/v1/models/cnn", "http://x/healthz")
    )
    return _Request(chance.choice(("GET", "GET", "HEAD")), target)


def _refused(chance: random.Random) -> _Request:
    return chance.choice(
        (
            _Request(body=b"", status=400),
            _Request(body=b"no picture", status=415),
            _Request(body=PICTURE[:-30], status=422),
            _Request(body=b"--b\r\n", kind="multipart/form-data; boundary=b", status=400),
            _Request(target="/v1/predictions?model=x", body=PICTURE, status=404),
            _Request(target="/nothing", body=PICTURE, status=404),
            _Request("GET", "/v1/predictions", status=405),
            _Request(body=bytes(MAX_BODY_BYTES + 1), status=413),
        )
    )


_KINDS: list[Callable[[random.Random], _Request]] = [
    _picture,
    _picture,
    _form,
    _json,
    _get,
    _refused,
]


def _wire(request: _Request, name: str, chance: random.Random) -> bytes:
    """Return a request as bytes, in one of the forms that HTTP allows."""
    headers: _Headers = [("Host", "x"), ("X-Request-ID", name)]
    body = b""
    if request.body is not None:
        headers.append(("Content-Type", request.kind))
        body = request.body
        if chance.random() < 0.4:
            headers.append(("Transfer-Encoding", chance.choice(("chunked", "Chunked"))))
            body = _chunked(body, chance)
        else:
            headers.append(("Content-Length", chance.choice(("", "", "00")) + str(len(body))))
        if request.status == 200 and chance.random() < 0.15:
            headers.append(("Expect", "100-continue"))  # a refusal could close the connection
    if chance.random() < 0.3:
        headers += chance.choice(_UPGRADES)
    if chance.random() < 0.3:
        headers.append(("X-Filler", chance.choice(("", "x" * 5000, 'a, b;c="d"', "\xe9"))))
    chance.shuffle(headers)
    first = f"{request.method} {request.target} HTTP/1.1"
    lines = [first, *(_line(*one, chance) for one in headers), "", ""]
    start = chance.choice((b"", b"", b"", b"\r\n"))  # an empty line before a request is allowed
    return start + "\r\n".join(lines).encode("latin-1") + body


_UPGRADES: list[_Headers] = [
    [("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", "h2c"), ("HTTP2-Settings", "AAMAAABk")],
    [
        ("Connection", "keep-alive, Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
    ],
    [("Upgrade", "TLS/1.0")],
    [("Connection", "upgrade")],
]


def _line(name: str, value: str, chance: random.Random) -> str:
    before = chance.choice((" ", " ", "", "\t"))
    after = chance.choice(("", "", " ", "\t"))
    if name == "Transfer-Encoding":
        after = ""  # httptools refuses this header with a tab behind its value
    return f"{chance.choice((name, name.lower(), name.upper()))}:{before}{value}{after}"


def _chunked(body: bytes, chance: random.Random) -> bytes:
    """Return a body in chunks, some with extensions, and some trailers."""
    parts, place = [], 0
    while place < len(body):
        size = chance.choice((1, 7, 100, 5000))
        chunk = body[place : place + size]
        number = chance.choice(("{:x}", "{:X}", "0{:x}")).format(len(chunk))
        extension = chance.choice(("", "", "", ";a", ";a=b", ';a="b"'))
        parts.append(f"{number}{extension}\r\n".encode() + chunk + b"\r\n")
        place += size
    trailers = chance.choice(
        (b"", b"", b"X-Trailer: 1\r\n", b"X-Request-ID: trailer\r\nHost: y\r\n")
    )
    return b"".join(parts) + b"0\r\n" + trailers + b"\r\n"


def _flip(wire: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(wire))
    return wire[:place] + bytes([wire[place] ^ 1 << chance.randrange(8)]) + wire[place + 1 :]


def _insert(wire: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(min(len(wire), 400))
    return (
        wire[:place]
        + chance.choice((b"\r", b"\n", b"\r\n", b"\0", b" ", b":", b"0"))
        + wire[place:]
    )


def _cut(wire: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(wire))
    return wire[:start] + wire[start + chance.choice((1, 2, 20, 10_000)) :]


def _repeat(wire: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(wire))
    return wire[: start + chance.choice((1, 2, 20))] + wire[start:]


def _lengthen(wire: bytes, chance: random.Random) -> bytes:
    """Declare another Content-Length than that of the body."""
    head, end, body = wire.partition(b"\r\n\r\n")
    length = max(len(body) + chance.choice((-5, -1, 1, 5, 300)), 0)
    return head + b"\r\nContent-Length: %d" % length + end + body


def _add_line(wire: bytes, chance: random.Random) -> bytes:
    """Add a line that is invalid or contradicts another one."""
    lines = (
        b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity", b"Transfer-Encoding: gzip",
        b"Content-Length: 0", b"Content-Length: +1", b"Content-Length: 1, 1", b"Content-Length: x",
        b"Host: y", b"Host:", b" folded", b"No-Colon", b"Blank : 1", b": no name", b"X: \0",
        b"Connection: close", b"X-Large: " + b"x" * 20_000, b"Expect: nothing",
    )  # fmt: skip
    start, end, rest = wire.partition(b"HTTP/1.1\r\n")
    return start + end + chance.choice(lines) + b"\r\n" + rest


def _change_start(wire: bytes, chance: random.Random) -> bytes:
    old, new = chance.choice(
        (
            (b"HTTP/1.1", b"HTTP/1.0"),
            (b"HTTP/1.1", b"HTTP/1.2"),
            (b"HTTP/1.1", b"HTTP/2.0"),
            (b"HTTP/1.1", b"http/1.1"),
            (b" HTTP/1.1", b""),
            (b" HTTP/1.1", b"  HTTP/1.1"),
            (b"HTTP/1.1\r\n", b"HTTP/1.1\n"),
            (b"Host:", b"X-Host:"),
            (b" /", b" *"),
            (b" /", b" //y/"),
            (b" /", b" http:///"),
        )
    )
    return wire.replace(old, new, 1)


_DAMAGES: list[Callable[[bytes, random.Random], bytes]] = [
    _flip, _flip, _insert, _cut, _repeat, _lengthen, _lengthen, _add_line, _add_line, _change_start,
]  # fmt: skip
