"""Header fields: names, values, line ends, sizes (RFC 9112, section 5)."""

from tests.app.server.http.cases.case import GET, Case, get
from tests.app.server.http.cases.reasons import LINE_FEEDS, SIZES

# Why h11 has another outcome.
CONTROLS = "h11 accepts most control characters; RFC 9110, section 5.5, does not"
FOLDED = "h11 unfolds; the service refuses, as RFC 9112, section 5.2, allows"

CASES = (
    Case("field", get(b"A: b"), "200 kept"),
    Case("field without a value", get(b"A:"), "200 kept"),
    Case("blanks around the value", get(b"A: \t b \t "), "200 kept"),
    Case("value without a blank", get(b"A:b"), "200 kept"),
    Case("value of bytes over 127", get(b"A: \xff\x80"), "200 kept"),
    Case("tab within the value", get(b"A: b\tc"), "200 kept"),
    Case("colons in the value", get(b"A: b:c:d"), "200 kept"),
    Case("the same field twice", get(b"A: b", b"A: c"), "200 kept"),
    Case("100 fields", get(*[b"A%d: b" % number for number in range(100)]), "200 kept"),
    Case("all characters of a name", get(b"!#$%&'*+-.^_`|~09azAZ: b"), "200 kept"),
    Case("blank before the colon", get(b"A : b"), "400 closed"),
    Case("tab before the colon", get(b"A\t: b"), "400 closed"),
    Case("blank in the name", get(b"A B: c"), "400 closed"),
    Case("no name", get(b": b"), "400 closed"),
    Case("no colon", get(b"A"), "400 closed"),
    Case("bracket in the name", get(b"A(: b"), "400 closed"),
    Case("byte over 127 in the name", get(b"\xc3\xa9: b"), "400 closed"),
    Case("zero byte in the name", get(b"A\0: b"), "400 closed"),
    Case("zero byte in the value", get(b"A: b\0c"), "400 closed"),
    Case("control character in the value", get(b"A: \x01"), "400 closed", "200 kept", CONTROLS),
    Case("delete character in the value", get(b"A: \x7f"), "400 closed", "200 kept", CONTROLS),
    Case("escape in the value", get(b"A: \x1b[31m"), "400 closed", "200 kept", CONTROLS),
    Case("folded field", get(b"A: b\r\n c"), "400 closed", "200 kept", FOLDED),
    Case("folded with a tab", get(b"A: b\r\n\tc"), "400 closed", "200 kept", FOLDED),
    Case("folded to nothing", get(b"A: b\r\n "), "400 closed", "200 kept", FOLDED),
    Case("first field folded", b"GET /healthz HTTP/1.1\r\n Host: x\r\n\r\n", "400 closed"),
    Case(
        "folded framing",
        get(b"Transfer-Encoding:\r\n chunked") + b"0\r\n\r\n",
        "400 closed",
        "200 kept",
        FOLDED,
    ),
    Case("carriage return in the value", get(b"A: b\rc"), "400 closed"),
    Case("carriage return in the name", get(b"A\rB: c"), "400 closed"),
    Case("carriage returns before the line end", get(b"A: b\r\r"), "400 closed"),
    Case(
        "line feed alone behind a field", get(b"A: b\nC: d"), "400 closed", "200 kept", LINE_FEEDS
    ),
    Case(
        "line feed alone behind the request line",
        GET.replace(b"\r\n", b"\n", 1),
        "400 closed",
        "200 kept",
        LINE_FEEDS,
    ),
    Case("line feeds alone", GET.replace(b"\r\n", b"\n"), "400 closed", "200 kept", LINE_FEEDS),
    Case("line feed alone at the end", GET[:-2] + b"\n", "400 closed", "200 kept", LINE_FEEDS),
    Case("carriage return alone at the end", GET[:-2] + b"\rX", "400 closed", "waits", LINE_FEEDS),
    Case("field of 10 KB", get(b"A: " + b"b" * 10_000), "200 kept"),
    Case("field of 20 KB", get(b"A: " + b"b" * 20_000), "431 closed", "200 kept", SIZES),
    Case("field of 20 KB without end", get(b"A: " + b"b" * 20_000)[:-4], "431 closed"),
    Case("name of 20 KB", get(b"a" * 20_000 + b": b"), "431 closed", "200 kept", SIZES),
    Case("5,000 fields", get(*[b"A: b"] * 5000), "431 closed", "200 kept", SIZES),
    Case(
        "field of 20 KB behind a request",
        GET + get(b"A: " + b"b" * 20_000),
        "200 431 closed",
        "200 200 kept",
        SIZES,
    ),
    Case("field of 1 MB", get(b"A: " + b"b" * 1_000_000), "431 closed"),
    Case("Connection: close", get(b"Connection: close"), "200 closed"),
    Case("Connection: close among others", get(b"Connection: a, Close , b"), "200 closed"),
    Case("Connection: keep-alive", get(b"Connection: keep-alive"), "200 kept"),
    Case("empty Connection", get(b"Connection:"), "200 kept"),
    Case("Connection names Host", get(b"Connection: Host"), "200 kept"),
    Case(
        "two Connection fields", get(b"Connection: keep-alive", b"Connection: close"), "200 closed"
    ),
)
