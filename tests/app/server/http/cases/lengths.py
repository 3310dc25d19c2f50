"""Bodies with a Content-Length, and its conflicts (RFC 9112, section 6)."""

from tests.app.server.http.cases.case import END, GET, PNG, WAIT, WHOLE, Case, chunk, get, post
from tests.app.server.http.cases.reasons import BIG, CODINGS, EMPTY_LINES, GARBAGE

LENGTH = b"Content-Length: %d" % len(PNG)
TE = b"Transfer-Encoding: chunked"
BODY = chunk(PNG) + END

# Why h11 has another outcome.
LENGTHS = "h11 merges equal lengths; the service refuses them, as RFC 9112, section 6.3, allows"
BOTH = "h11 lets chunks win; the service refuses both, as RFC 9112, section 6.1, allows"
EXPECT = "the server on h11 always asks for the body; the service not for one that it does not read"
EXPECTATIONS = "h11 ignores unknown expectations; the service says so (RFC 9110, section 10.1.1)"

CASES = (
    Case("body", WHOLE, "200 kept"),
    Case("header, then body", (WHOLE[: -len(PNG)], PNG), "200 kept"),
    Case("body in halves", (WHOLE[:-100], WHOLE[-100:]), "200 kept"),
    Case("body without its last byte", WHOLE[:-1], "waits"),
    Case("header without its last byte", post(LENGTH)[:-1], "waits"),
    Case("body and a request", WHOLE + GET, "200 200 kept"),
    Case("body and half a request", (WHOLE + GET[:9], GET[9:]), "200 200 kept"),
    Case(
        "body and empty lines",
        WHOLE + b"\r\n\r\n" + GET,
        "200 200 kept",
        "200 400 closed",
        EMPTY_LINES,
    ),
    Case("body and one byte more", WHOLE + b"\0", "200 400 closed"),
    Case("body and one letter more", WHOLE + b"G", "200 waits"),
    Case("no length", post(), "400 kept"),
    Case("no length, and a body", post(body=PNG), "400 400 closed", "400 waits", GARBAGE),
    Case("length 0", post(b"Content-Length: 0"), "400 kept"),
    Case("length 0 and a request", post(b"Content-Length: 0") + GET, "400 200 kept"),
    Case("body of GET", get(b"Content-Length: 3") + b"abc" + GET, "200 200 kept"),
    Case("request as body of GET", get(b"Content-Length: %d" % len(GET)) + GET, "200 kept"),
    Case(
        "body of HEAD",
        GET.replace(b"GET", b"HEAD")[:-2] + b"Content-Length: 1\r\n\r\na",
        "200 kept",
    ),
    Case(
        "zeros before the length", post(b"Content-Length: 000%d" % len(PNG), body=PNG), "200 kept"
    ),
    Case("blank behind the length", post(LENGTH + b" ", body=PNG), "200 kept"),
    Case("tab before the length", post(b"Content-Length:\t%d" % len(PNG), body=PNG), "200 kept"),
    Case("empty length", post(b"Content-Length:", body=PNG), "400 closed"),
    Case("negative length", post(b"Content-Length: -1", body=PNG), "400 closed"),
    Case("length with a plus", post(b"Content-Length: +5", body=PNG), "400 closed"),
    Case("hexadecimal length", post(b"Content-Length: 0x5", body=PNG), "400 closed"),
    Case("length with a point", post(b"Content-Length: 5.0", body=PNG), "400 closed"),
    Case("length with an exponent", post(b"Content-Length: 5e1", body=PNG), "400 closed"),
    Case("length with an underscore", post(b"Content-Length: 1_0", body=PNG), "400 closed"),
    Case("length with a blank", post(b"Content-Length: 5 5", body=PNG), "400 closed"),
    Case("length in other digits", post("Content-Length: ٣".encode(), body=PNG), "400 closed"),
    Case("length and letters", post(b"Content-Length: 5a", body=PNG), "400 closed"),
    Case(
        "list of lengths",
        post(b"Content-Length: 5, 5", body=PNG),
        "400 closed",
        "415 400 closed",
        LENGTHS,
    ),
    Case("list of other lengths", post(b"Content-Length: 5, 6", body=PNG), "400 closed"),
    Case("two lengths", post(LENGTH, b"Content-Length: 5", body=PNG), "400 closed"),
    Case(
        "the same length twice", post(LENGTH, LENGTH, body=PNG), "400 closed", "200 kept", LENGTHS
    ),
    Case(
        "length over 64 bits",
        post(b"Content-Length: 99999999999999999999"),
        "400 closed",
        "waits",
        BIG,
    ),
    Case(
        "length of 64 bits",
        post(b"Content-Length: 18446744073709551615"),
        "413 waits",
        "waits",
        BIG,
    ),
    Case("length over the limit", post(b"Content-Length: 20000001"), "413 waits", "waits", BIG),
    Case("length and chunks", post(LENGTH, TE, body=BODY), "400 closed", "200 kept", BOTH),
    Case("chunks and length", post(TE, LENGTH, body=BODY), "400 closed", "200 kept", BOTH),
    Case(
        "length 0 and chunks",
        post(b"Content-Length: 0", TE, body=BODY),
        "400 closed",
        "200 kept",
        BOTH,
    ),
    Case(
        "length and an unknown coding",
        post(LENGTH, b"Transfer-Encoding: x", body=PNG),
        "400 closed",
        "501 closed",
        CODINGS,
    ),
    Case(
        "length and an empty coding",
        post(LENGTH, b"Transfer-Encoding:", body=PNG),
        "400 closed",
        "501 closed",
        CODINGS,
    ),
    Case("HTTP/1.0 with a length", WHOLE.replace(b"1.1", b"1.0", 1), "200 closed"),
    Case("HTTP/1.0 without a length", post(body=PNG).replace(b"1.1", b"1.0", 1), "400 closed"),
    Case(
        "Expect in HTTP/1.0",
        post(LENGTH, b"Expect: 100-continue", body=PNG).replace(b"1.1", b"1.0", 1),
        "200 closed",
    ),
    Case(
        "Expect, and the body at once", post(LENGTH, b"Expect: 100-continue", body=PNG), "200 kept"
    ),
    Case("Expect, and no body yet", post(LENGTH, b"Expect: 100-continue"), "100 waits"),
    Case(
        "Expect, then the body", (post(LENGTH, b"Expect: 100-continue"), WAIT, PNG), "100 200 kept"
    ),
    Case("Expect in capitals", (post(LENGTH, b"EXPECT: 100-Continue"), WAIT, PNG), "100 200 kept"),
    Case(
        "Expect of a refused request",
        post(b"Content-Length: 20000001", b"Expect: 100-continue"),
        "413 closed",
        "100 waits",
        EXPECT,
    ),
    Case(
        "Expect of a route that reads no body",
        get(b"Content-Length: 3", b"Expect: 100-continue"),
        "200 closed",
        "100 waits",
        EXPECT,
    ),
    Case("Expect without a body", get(b"Expect: 100-continue"), "200 kept"),
    Case(
        "unknown Expect",
        post(LENGTH, b"Expect: x", body=PNG),
        "417 closed",
        "200 kept",
        EXPECTATIONS,
    ),
    Case(
        "two Expects",
        post(LENGTH, b"Expect: 100-continue, x", body=PNG),
        "417 closed",
        "200 kept",
        EXPECTATIONS,
    ),
    Case("unknown Expect in HTTP/1.0", get(b"Expect: x", version=b"HTTP/1.0"), "200 closed"),
)
