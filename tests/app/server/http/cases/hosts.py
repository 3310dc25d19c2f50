"""The header Host (RFC 9112, section 3.2)."""

from tests.app.server.http.cases.case import Case


def host(*lines: bytes, version: bytes = b"1.1", target: bytes = b"/healthz") -> bytes:
    """Return a request with these header lines."""
    return b"\r\n".join([b"GET %b HTTP/%b" % (target, version), *lines, b"", b""])


# Why h11 has another outcome.
HOSTS = "h11 only counts hosts of HTTP/1.1; the service checks them (RFC 9112, section 3.2)"

CASES = (
    Case("no Host", host(), "400 closed"),
    Case("no Host in HTTP/1.0", host(version=b"1.0"), "200 closed"),
    Case("no Host in HTTP/1.2", host(version=b"1.2"), "400 closed", "200 kept", HOSTS),
    Case("no Host beside a URL", host(target=b"http://x/healthz"), "400 closed"),
    Case("two hosts", host(b"Host: a", b"Host: b"), "400 closed"),
    Case("the same host twice", host(b"Host: a", b"host: a"), "400 closed"),
    Case("two hosts in HTTP/1.0", host(b"Host: a", b"Host: b", version=b"1.0"), "400 closed"),
    Case(
        "two hosts beside a URL",
        host(b"Host: a", b"Host: b", target=b"http://a/healthz"),
        "400 closed",
    ),
    Case("hosts apart", host(b"Host: a", b"X: y", b"Host: b"), "400 closed"),
    Case("list of hosts", host(b"Host: a, b"), "400 closed", "200 kept", HOSTS),
    Case("empty Host", host(b"Host:"), "200 kept"),
    Case("blank Host", host(b"Host: \t "), "200 kept"),
    Case("name", host(b"Host: digits.example"), "200 kept"),
    Case("name in capitals", host(b"HOST: DIGITS.EXAMPLE"), "200 kept"),
    Case("name with a dot at the end", host(b"Host: digits.example."), "200 kept"),
    Case("name with an underscore", host(b"Host: my_host"), "200 kept"),
    Case("name in punycode", host(b"Host: xn--bcher-kva.example"), "200 kept"),
    Case("quoted name", host(b"Host: a%20b"), "200 kept"),
    Case("broken quoting", host(b"Host: a%2"), "400 closed", "200 kept", HOSTS),
    Case("port", host(b"Host: x:8000"), "200 kept"),
    Case("empty port", host(b"Host: x:"), "200 kept"),
    Case("port of letters", host(b"Host: x:http"), "400 closed", "200 kept", HOSTS),
    Case("negative port", host(b"Host: x:-1"), "400 closed", "200 kept", HOSTS),
    Case("two ports", host(b"Host: x:1:2"), "400 closed", "200 kept", HOSTS),
    Case("port alone", host(b"Host: :80"), "200 kept"),
    Case("IPv4 address", host(b"Host: 127.0.0.1:8000"), "200 kept"),
    Case("IPv6 address", host(b"Host: [::1]:8000"), "200 kept"),
    Case("IPv6 address without brackets", host(b"Host: ::1"), "400 closed", "200 kept", HOSTS),
    Case("open bracket", host(b"Host: [::1"), "400 closed", "200 kept", HOSTS),
    Case("empty brackets", host(b"Host: []"), "400 closed", "200 kept", HOSTS),
    Case("text behind brackets", host(b"Host: [::1]a"), "400 closed", "200 kept", HOSTS),
    Case("zone of an address", host(b"Host: [fe80::1%25eth0]"), "400 closed", "200 kept", HOSTS),
    Case("path in Host", host(b"Host: evil/.sub.example"), "400 closed", "200 kept", HOSTS),
    Case("query in Host", host(b"Host: x?a"), "400 closed", "200 kept", HOSTS),
    Case("fragment in Host", host(b"Host: x#a"), "400 closed", "200 kept", HOSTS),
    Case("user in Host", host(b"Host: a@x"), "400 closed", "200 kept", HOSTS),
    Case("URL in Host", host(b"Host: http://x/"), "400 closed", "200 kept", HOSTS),
    Case("backslash in Host", host(b"Host: x\\y"), "400 closed", "200 kept", HOSTS),
    Case("blank in Host", host(b"Host: a b"), "400 closed", "200 kept", HOSTS),
    Case("quotes in Host", host(b'Host: "x"'), "400 closed", "200 kept", HOSTS),
    Case("byte over 127 in Host", host(b"Host: \xe9"), "400 closed", "200 kept", HOSTS),
    Case("other host than the URL's", host(b"Host: other", target=b"http://x/healthz"), "200 kept"),
    Case(
        "invalid Host beside a URL",
        host(b"Host: a b", target=b"http://x/healthz"),
        "400 closed",
        "200 kept",
        HOSTS,
    ),
    Case("blank before the colon of Host", host(b"Host : x"), "400 closed"),
)
