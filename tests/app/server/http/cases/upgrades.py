"""Upgrade, which is ignored (RFC 9110, section 7.8)."""

from tests.app.server.http.cases.case import END, GET, PNG, WAIT, Case, chunk, get, post
from tests.app.server.http.cases.reasons import CODINGS, GARBAGE, SIZES, VERSIONS

H2C = (
    b"Connection: Upgrade, HTTP2-Settings",
    b"Upgrade: h2c",
    b"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
)
WEBSOCKET = (
    b"Connection: Upgrade",
    b"Upgrade: websocket",
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    b"Sec-WebSocket-Version: 13",
)
LENGTH = b"Content-Length: %d" % len(PNG)
TE = b"Transfer-Encoding: chunked"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

CASES = (
    Case("h2c", get(*H2C), "200 kept"),
    Case("h2c and a request", get(*H2C) + GET, "200 200 kept"),
    Case("h2c twice", get(*H2C) * 2 + GET, "200 200 200 kept"),
    Case("h2c with a body", post(*H2C, LENGTH, body=PNG), "200 kept"),
    Case("h2c with a body and a request", post(*H2C, LENGTH, body=PNG) + GET, "200 200 kept"),
    Case("h2c header, then body", (post(*H2C, LENGTH), PNG), "200 kept"),
    Case("h2c body in halves", (post(*H2C, LENGTH), PNG[:9], PNG[9:] + GET), "200 200 kept"),
    Case(
        "h2c with a request as body",
        post(*H2C, b"Content-Length: %d" % len(GET), body=GET),
        "415 kept",
    ),
    Case(
        "h2c with a request as body, later",
        (post(*H2C, b"Content-Length: %d" % len(GET)), GET),
        "415 kept",
    ),
    Case("h2c with chunks", post(*H2C, TE, body=chunk(PNG) + END), "200 kept"),
    Case(
        "h2c with chunks and a request", post(*H2C, TE, body=chunk(PNG) + END) + GET, "200 200 kept"
    ),
    Case(
        "h2c with chunks, later",
        (post(*H2C, TE), chunk(PNG)[:9], chunk(PNG)[9:], END + GET),
        "200 200 kept",
    ),
    Case(
        "h2c with a request in chunks", post(*H2C, TE, body=chunk(GET) + END) + GET, "415 200 kept"
    ),
    Case(
        "h2c with a trailer",
        post(*H2C, TE, body=chunk(PNG) + b"0\r\nA: b\r\n\r\n") + GET,
        "200 200 kept",
    ),
    Case("h2c with invalid chunks", post(*H2C, TE, body=b"x\r\n"), "400 closed"),
    Case(
        "h2c with an unknown coding",
        post(*H2C, b"Transfer-Encoding: gzip", body=PNG),
        "400 closed",
        "501 closed",
        CODINGS,
    ),
    Case("h2c with length and chunks", post(*H2C, LENGTH, TE, body=PNG), "400 closed"),
    Case("h2c with two lengths", post(*H2C, LENGTH, b"Content-Length: 1", body=PNG), "400 closed"),
    Case("h2c with a body, incomplete", post(*H2C, LENGTH, body=PNG[:-1]), "waits"),
    Case(
        "h2c with a long extension",
        post(*H2C, TE, body=chunk(PNG, b";" + b"a" * 20_000) + END),
        "431 closed",
        "200 kept",
        SIZES,
    ),
    Case(
        "h2c with Expect", (post(*H2C, LENGTH, b"Expect: 100-continue"), WAIT, PNG), "100 200 kept"
    ),
    Case("h2c and close", get(b"Connection: Upgrade, close", b"Upgrade: h2c"), "200 closed"),
    Case("h2c in HTTP/1.0", get(*H2C, version=b"HTTP/1.0"), "200 closed"),
    Case(
        "h2c and the preface", get(*H2C) + PREFACE, "200 400 closed", "200 404 400 closed", VERSIONS
    ),
    Case("h2c as second request", GET + post(*H2C, LENGTH, body=PNG) + GET, "200 200 200 kept"),
    Case("websocket", get(*WEBSOCKET), "200 kept"),
    Case(
        "websocket and a frame",
        get(*WEBSOCKET) + b"\x81\x85\0\0\0\0hello",
        "200 400 closed",
        "200 waits",
        GARBAGE,
    ),
    Case("websocket and a request", get(*WEBSOCKET) + GET, "200 200 kept"),
    Case("websocket with a body", post(*WEBSOCKET, LENGTH, body=PNG) + GET, "200 200 kept"),
    Case(
        "unknown protocol",
        post(b"Connection: upgrade", b"Upgrade: x/1", LENGTH, body=PNG),
        "200 kept",
    ),
    Case(
        "list of protocols",
        post(b"Connection: upgrade", b"Upgrade: a, b", LENGTH, body=PNG),
        "200 kept",
    ),
    Case(
        "two Upgrade fields",
        post(b"Connection: upgrade", b"Upgrade: a", b"Upgrade: b", LENGTH, body=PNG),
        "200 kept",
    ),
    Case(
        "Upgrade without Connection", post(b"Upgrade: h2c", LENGTH, body=PNG) + GET, "200 200 kept"
    ),
    Case(
        "Connection without Upgrade",
        post(b"Connection: upgrade", LENGTH, body=PNG) + GET,
        "200 200 kept",
    ),
    Case(
        "empty Upgrade",
        post(b"Connection: upgrade", b"Upgrade:", LENGTH, body=PNG) + GET,
        "200 200 kept",
    ),
)
