"""Request lines: methods, targets, versions (RFC 9112, section 3)."""

from tests.app.server.http.cases.case import GET, Case, get
from tests.app.server.http.cases.reasons import EMPTY_LINES, SIZES, TARGETS, VERSIONS


def line(text: bytes) -> bytes:
    """Return a request with this request line."""
    return text + b"\r\nHost: x\r\n\r\n"


# Why h11 has another outcome.
METHODS = "h11 leaves methods to the application; the service knows those of llhttp"
BLANKS = "the service accepts several blanks, which RFC 9112, section 3, allows"
RTSP = "llhttp also reads RTSP; the answer is one of HTTP/1.0"

CASES = (
    Case("GET", GET, "200 kept"),
    Case("HEAD", line(b"HEAD /healthz HTTP/1.1"), "200 kept"),
    Case("unknown path", line(b"GET /x HTTP/1.1"), "404 kept"),
    Case("wrong method", line(b"DELETE /healthz HTTP/1.1"), "405 kept"),
    Case(
        "method in small letters", line(b"get /healthz HTTP/1.1"), "400 closed", "405 kept", METHODS
    ),
    Case("unknown method", line(b"FETCH /healthz HTTP/1.1"), "400 closed", "405 kept", METHODS),
    Case(
        "method of another protocol",
        line(b"DESCRIBE /healthz HTTP/1.1"),
        "400 closed",
        "405 kept",
        METHODS,
    ),
    Case("method with a colon", line(b"GE:T /healthz HTTP/1.1"), "400 closed"),
    Case("method with a zero byte", line(b"GE\0T /healthz HTTP/1.1"), "400 closed"),
    Case(
        "very long method",
        line(b"G" * 5000 + b" /healthz HTTP/1.1"),
        "400 closed",
        "405 kept",
        METHODS,
    ),
    Case("method without end", b"G" * 20_000, "400 closed", "431 closed", SIZES),
    Case("blank before the method", line(b" GET /healthz HTTP/1.1"), "400 closed"),
    Case("tab for a blank", line(b"GET\t/healthz HTTP/1.1"), "400 closed"),
    Case(
        "two blanks before the target",
        line(b"GET  /healthz HTTP/1.1"),
        "200 kept",
        "400 closed",
        BLANKS,
    ),
    Case(
        "two blanks before the version",
        line(b"GET /healthz  HTTP/1.1"),
        "200 kept",
        "400 closed",
        BLANKS,
    ),
    Case("blank at the end", line(b"GET /healthz HTTP/1.1 "), "400 closed"),
    Case("empty lines before", b"\r\n\r\n" + GET, "200 kept", "400 closed", EMPTY_LINES),
    Case("line feeds before", b"\n\n" + GET, "200 kept", "400 closed", EMPTY_LINES),
    Case("empty lines without end", b"\r\n" * 10_000, "431 closed", "400 closed", EMPTY_LINES),
    Case("TLS handshake", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "400 closed"),
    Case("text", b"hello\r\n\r\n", "400 closed"),
    Case("zero bytes", b"\0" * 64, "400 closed"),
    Case("answer for a request", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "400 closed"),
    Case("no target", line(b"GET HTTP/1.1"), "400 closed"),
    Case("no version", line(b"GET /healthz"), "400 closed"),
    Case("HTTP/0.9", b"GET /healthz\r\n\r\n", "400 closed"),
    Case(
        "HTTP/0.9 with its version", get(version=b"HTTP/0.9"), "400 closed", "200 closed", VERSIONS
    ),
    Case("HTTP/1.0", get(version=b"HTTP/1.0"), "200 closed"),
    Case("HTTP/1.0 keep-alive", get(b"Connection: keep-alive", version=b"HTTP/1.0"), "200 closed"),
    Case("HTTP/1.2", get(version=b"HTTP/1.2"), "200 kept"),
    Case("HTTP/1.9", get(version=b"HTTP/1.9"), "200 kept"),
    Case("HTTP/1.10", get(version=b"HTTP/1.10"), "400 closed"),
    Case("HTTP/2.0", get(version=b"HTTP/2.0"), "400 closed", "200 kept", VERSIONS),
    Case("HTTP/3.0", get(version=b"HTTP/3.0"), "400 closed", "200 kept", VERSIONS),
    Case(
        "HTTP/2 preface",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9),
        "400 closed",
        "404 400 closed",
        VERSIONS,
    ),
    Case("version 1", get(version=b"HTTP/1"), "400 closed"),
    Case("version with a comma", get(version=b"HTTP/1,1"), "400 closed"),
    Case("version in small letters", get(version=b"http/1.1"), "400 closed"),
    Case("version of nothing", get(version=b"HTTP/"), "400 closed"),
    Case("another protocol", get(version=b"FTP/1.1"), "400 closed"),
    Case("RTSP", get(version=b"RTSP/1.0"), "200 closed", "400 closed", RTSP),
    Case("ICE", get(version=b"ICE/1.0"), "400 closed"),
    Case("query", get(target=b"/healthz?a=b&c"), "200 kept"),
    Case("empty query", get(target=b"/healthz?"), "200 kept"),
    Case("two question marks", get(target=b"/healthz?a?b"), "200 kept"),
    Case("fragment", get(target=b"/healthz#part"), "400 closed", "404 kept", TARGETS),
    Case("fragment behind a query", get(target=b"/healthz?a#b"), "400 closed", "200 kept", TARGETS),
    Case("blank in the target", get(target=b"/health z"), "400 closed"),
    Case("tab in the target", get(target=b"/health\tz"), "400 closed"),
    Case("zero byte in the target", get(target=b"/health\0z"), "400 closed"),
    Case("delete character in the target", get(target=b"/\x7f"), "400 closed"),
    Case("byte over 127 in the target", get(target=b"/\xe9"), "400 closed"),
    Case("quoted letter", get(target=b"/%68ealthz"), "200 kept"),
    Case("quoted zero byte", get(target=b"/%00"), "404 kept"),
    Case("quoted slash", get(target=b"/v1%2Fmodels"), "200 kept"),
    Case("broken quoting of a target", get(target=b"/%zz"), "404 kept"),
    Case("characters that want quoting", get(target=b'/healthz?q={}|^"<>`'), "200 kept"),
    Case("dots", get(target=b"/v1/../healthz"), "404 kept"),
    Case("double slash", get(target=b"//healthz"), "404 kept"),
    Case("no slash", get(target=b"healthz"), "400 closed", "404 kept", TARGETS),
    Case("asterisk", line(b"OPTIONS * HTTP/1.1"), "404 kept"),
    Case("asterisk with GET", line(b"GET * HTTP/1.1"), "400 closed", "404 kept", TARGETS),
    Case("asterisk and more", line(b"OPTIONS *a HTTP/1.1"), "400 closed", "404 kept", TARGETS),
    Case("URL", get(target=b"http://x/healthz"), "200 kept"),
    Case("URL with a port and a query", get(target=b"http://x:80/healthz?a=b"), "200 kept"),
    Case("URL in capitals", get(target=b"HTTP://X/healthz"), "200 kept"),
    Case("https URL", get(target=b"https://x/healthz"), "200 kept"),
    Case("URL without a path", get(target=b"http://x"), "200 kept"),
    Case("URL without a path, with a query", get(target=b"http://x?a"), "200 kept"),
    Case("URL with OPTIONS and no path", line(b"OPTIONS http://x HTTP/1.1"), "404 kept"),
    Case("URL of an IPv6 address", get(target=b"http://[::1]:80/healthz"), "200 kept"),
    Case("URL without a host", get(target=b"http:///healthz"), "400 closed", "200 kept", TARGETS),
    Case("URL with a user", get(target=b"http://a@x/healthz"), "400 closed", "200 kept", TARGETS),
    Case(
        "URL with a fragment", get(target=b"http://x/healthz#a"), "400 closed", "200 kept", TARGETS
    ),
    Case(
        "URL with a broken port",
        get(target=b"http://x:a/healthz"),
        "400 closed",
        "200 kept",
        TARGETS,
    ),
    Case(
        "URL of another scheme", get(target=b"ftp://x/healthz"), "400 closed", "200 kept", TARGETS
    ),
    Case("URL of a file", get(target=b"file:///etc/passwd"), "400 closed", "404 kept", TARGETS),
    Case("host and port", get(target=b"x:80"), "400 closed", "404 kept", TARGETS),
    Case("CONNECT", line(b"CONNECT x:80 HTTP/1.1") + GET, "400 closed", "404 200 kept", TARGETS),
    Case(
        "CONNECT to a path",
        line(b"CONNECT /healthz HTTP/1.1") + GET,
        "400 closed",
        "405 200 kept",
        TARGETS,
    ),
    Case(
        "CONNECT to a URL",
        line(b"CONNECT http://x/ HTTP/1.1") + GET,
        "400 closed",
        "405 200 kept",
        TARGETS,
    ),
    Case("target of 8 KB", get(target=b"/" + b"a" * 8192), "404 kept"),
    Case("target of 20 KB", get(target=b"/" + b"a" * 20_000), "431 closed", "404 kept", SIZES),
    Case("target of 20 KB without end", b"GET /" + b"a" * 20_000, "431 closed"),
    Case("target of 70 KB", get(target=b"/" + b"a" * 70_000), "431 closed", "404 kept", SIZES),
)
