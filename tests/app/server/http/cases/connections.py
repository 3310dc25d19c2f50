"""Several requests on a connection, and its end (RFC 9112, section 9)."""

from tests.app.server.http.cases.case import (
    CHUNKED,
    END,
    GET,
    PNG,
    WHOLE,
    Case,
    chunk,
    get,
    post,
)
from tests.app.server.http.cases.reasons import EMPTY_LINES, SIZES, TARGETS, VERSIONS

LAST = get(b"Connection: close")
MODEL = WHOLE.replace(b"predictions", b"predictions?model=dnn")
# Why h11 has another outcome.
CUT = "the service does not answer a body that ends too early: it counts it as 499"

CASES = (
    Case("two requests", GET * 2, "200 200 kept"),
    Case("20 requests", GET * 20, " ".join(["200"] * 20) + " kept"),
    Case("fast and slow requests", WHOLE + MODEL + GET + WHOLE, "200 200 200 200 kept"),
    Case("requests in odd pieces", (GET[:5], GET[5:] + GET[:3], GET[3:] + GET), "200 200 200 kept"),
    Case(
        "chunks, length, chunks",
        (CHUNKED + chunk(PNG) + END) + WHOLE + (CHUNKED + chunk(PNG) + END),
        "200 200 200 kept",
    ),
    Case("invalid second request", WHOLE + b"garbage\r\n\r\n", "200 400 closed"),
    Case("invalid second request, slow first", MODEL + b"garbage\r\n\r\n" + GET, "200 400 closed"),
    Case("invalid third request", GET + MODEL + get(b"A"), "200 200 400 closed"),
    Case("second request without Host", MODEL + b"GET / HTTP/1.1\r\n\r\n", "200 400 closed"),
    Case(
        "second request with two lengths",
        MODEL + post(b"Content-Length: 1", b"Content-Length: 2"),
        "200 400 closed",
    ),
    Case(
        "second request with CONNECT",
        MODEL + b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
        "200 400 closed",
        "200 404 kept",
        TARGETS,
    ),
    Case(
        "second request of another version",
        MODEL + get(version=b"HTTP/2.0"),
        "200 400 closed",
        "200 200 kept",
        VERSIONS,
    ),
    Case(
        "second request too long",
        MODEL + get(b"A: " + b"b" * 20_000),
        "200 431 closed",
        "200 200 kept",
        SIZES,
    ),
    Case(
        "second request with an invalid chunk", WHOLE + CHUNKED + b"x\r\n" + GET, "200 400 closed"
    ),
    Case("second request refused", WHOLE + post(b"Content-Length: 0") + WHOLE, "200 400 200 kept"),
    Case("request behind the last", LAST + GET, "200 closed"),
    Case(
        "prediction behind the last",
        post(b"Connection: close", b"Content-Length: %d" % len(PNG), body=PNG) + WHOLE,
        "200 closed",
    ),
    Case("garbage behind the last", LAST + b"garbage\r\n\r\n", "200 closed"),
    Case("request behind HTTP/1.0", get(version=b"HTTP/1.0") + GET, "200 closed"),
    Case("half a request behind a request", WHOLE + GET[:9], "200 waits"),
    Case("nothing", b"", "waits"),
    Case("empty line", b"\r\n", "waits", "400 closed", EMPTY_LINES),
    Case("end of input at once", b"", "closed", half_close=True),
    Case(
        "end of input behind an empty line",
        b"\r\n",
        "closed",
        "400 closed",
        EMPTY_LINES,
        half_close=True,
    ),
    Case("end of input behind a request", GET, "200 closed", half_close=True),
    Case("end of input behind a prediction", WHOLE, "200 closed", half_close=True),
    Case("end of input behind a slow prediction", MODEL, "200 closed", half_close=True),
    Case("end of input behind chunks", CHUNKED + chunk(PNG) + END, "200 closed", half_close=True),
    Case(
        "end of input behind three requests",
        MODEL + GET + WHOLE,
        "200 200 200 closed",
        half_close=True,
    ),
    Case("end of input behind the last", LAST, "200 closed", half_close=True),
    Case("end of input in a request line", GET[:9], "400 closed", half_close=True),
    Case("end of input in a header", GET[:-2], "400 closed", half_close=True),
    Case("end of input in a second header", MODEL + GET[:9], "200 400 closed", half_close=True),
    Case("end of input in a body", WHOLE[:-1], "closed", "400 closed", CUT, half_close=True),
    Case(
        "end of input in chunks", CHUNKED + chunk(PNG), "closed", "400 closed", CUT, half_close=True
    ),
    Case(
        "end of input in a second body",
        MODEL + WHOLE[:-1],
        "200 closed",
        "200 400 closed",
        CUT,
        half_close=True,
    ),
    Case(
        "end of input behind an invalid request", b"garbage\r\n\r\n", "400 closed", half_close=True
    ),
)
