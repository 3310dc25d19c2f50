"""Chunked bodies, extensions, trailers and codings (RFC 9112, sections 6.1 and 7.1)."""

from tests.app.server.http.cases.case import CHUNKED, END, GET, PNG, POST, Case, chunk, post
from tests.app.server.http.cases.reasons import BIG, CODINGS, LINE_FEEDS, SIZES

SMALL = b"".join(chunk(PNG[start : start + 1]) for start in range(len(PNG)))
WHOLE = CHUNKED + chunk(PNG) + END


def coding(*values: bytes) -> bytes:
    """Return a request with these transfer codings and a chunked body."""
    return post(*[b"Transfer-Encoding:" + one for one in values], body=chunk(PNG) + END)


def body(text: bytes) -> bytes:
    """Return a chunked request with this body."""
    return CHUNKED + text


# Why h11 has another outcome.
TRAILERS = "h11 accepts framing fields in a trailer; RFC 9110, section 6.5.1, does not"
SIZE_LINES = "llhttp and h11 differ in details of a size line; both keep the framing"
OLD = "h11 accepts a coding in HTTP/1.0; it is faulty framing (RFC 9112, section 6.1)"
TABS = "llhttp knows only blanks behind a coding, not tabs"
UNREAD = "the server on h11 reads each body to its end before it answers"

CASES = (
    Case("chunk", WHOLE, "200 kept"),
    Case("chunk and a request", WHOLE + GET, "200 200 kept"),
    Case("two chunks", body(chunk(PNG[:99]) + chunk(PNG[99:]) + END), "200 kept"),
    Case("chunks of one byte", body(SMALL + END), "200 kept"),
    Case("header, then chunks", (CHUNKED, chunk(PNG), END), "200 kept"),
    Case("no last chunk", body(chunk(PNG)), "waits"),
    Case("no empty line", body(chunk(PNG) + b"0\r\n"), "waits"),
    Case("half an empty line", body(chunk(PNG) + b"0\r\n\r"), "waits"),
    Case("no chunk", body(END), "400 kept"),
    Case("size in capitals", body(b"%X\r\n%b\r\n" % (len(PNG), PNG) + END), "200 kept"),
    Case("zeros before the size", body(b"0000%x\r\n%b\r\n" % (len(PNG), PNG) + END), "200 kept"),
    Case(
        "30 zeros before the size",
        body(b"0" * 30 + chunk(PNG) + END),
        "200 kept",
        "400 closed",
        SIZE_LINES,
    ),
    Case("several zeros at the end", body(chunk(PNG) + b"000\r\n\r\n"), "200 kept"),
    Case("empty lines in the data", body(chunk(b"\r\n\r\n" * 9) + END) + GET, "415 200 kept"),
    Case("last chunk in the data", body(chunk(END + GET) + END) + GET, "415 200 kept"),
    Case("extension", body(chunk(PNG, b";a") + END), "200 kept"),
    Case("extension with a value", body(chunk(PNG, b";a=b;c=d") + END), "200 kept"),
    Case("extension in quotes", body(chunk(PNG, b';a="b c"') + END), "200 kept"),
    Case("blanks around an extension", body(chunk(PNG, b" ; a = b") + END), "400 closed"),
    Case("empty extension", body(chunk(PNG, b";") + END), "400 closed", "200 kept", SIZE_LINES),
    Case("line end in an extension", body(chunk(PNG, b';a="\r\n"') + END), "400 closed"),
    Case("line feed in an extension", body(chunk(PNG, b";a\n") + END), "400 closed"),
    Case(
        "zero byte in an extension",
        body(chunk(PNG, b";\0") + END),
        "400 closed",
        "200 kept",
        SIZE_LINES,
    ),
    Case("extension of 10 KB", body(chunk(PNG, b";" + b"a" * 10_000) + END), "200 kept"),
    Case(
        "extension of 20 KB",
        body(chunk(PNG, b";" + b"a" * 20_000) + END),
        "431 closed",
        "200 kept",
        SIZES,
    ),
    Case(
        "extension of 20 KB, more later",
        (CHUNKED + chunk(PNG, b";" + b"a" * 20_000), END),
        "431 closed",
        "200 kept",
        SIZES,
    ),
    Case("extension without end", body(b"5;" + b"a" * 20_000), "431 closed"),
    Case(
        "20 extensions of 1 KB",
        body(chunk(b"a", b";" + b"b" * 1000) * 20 + END),
        "431 closed",
        "415 kept",
        SIZES,
    ),
    Case("extension of the last chunk", body(chunk(PNG) + b"0;a=b\r\n\r\n"), "200 kept"),
    Case("trailer", body(chunk(PNG) + b"0\r\nA: b\r\n\r\n") + GET, "200 200 kept"),
    Case("two trailer fields", body(chunk(PNG) + b"0\r\nA: b\r\nC: d\r\n\r\n"), "200 kept"),
    Case("trailer, in pieces", (WHOLE[:-2], b"A", b": b\r", b"\n\r\n"), "200 kept"),
    Case(
        "trailer of 20 KB",
        body(chunk(PNG) + b"0\r\nA: " + b"b" * 20_000 + b"\r\n\r\n"),
        "431 closed",
        "200 kept",
        SIZES,
    ),
    Case("trailer without end", body(chunk(PNG) + b"0\r\nA: " + b"b" * 20_000), "431 closed"),
    Case(
        "Content-Length in the trailer",
        body(chunk(PNG) + b"0\r\nContent-Length: 9\r\n\r\n"),
        "400 closed",
        "200 kept",
        TRAILERS,
    ),
    Case(
        "Transfer-Encoding in the trailer",
        body(chunk(PNG) + b"0\r\nTransfer-Encoding: chunked\r\n\r\n"),
        "400 closed",
        "200 kept",
        TRAILERS,
    ),
    Case("Host in the trailer", body(chunk(PNG) + b"0\r\nHost: y\r\n\r\n"), "200 kept"),
    Case(
        "Upgrade in the trailer",
        body(chunk(PNG) + b"0\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n") + GET,
        "200 200 kept",
    ),
    Case(
        "Connection: close in the trailer",
        body(chunk(PNG) + b"0\r\nConnection: close\r\n\r\n") + GET,
        "200 200 kept",
    ),
    Case("invalid trailer", body(chunk(PNG) + b"0\r\nA\r\n\r\n"), "400 closed"),
    Case("request for a trailer", body(chunk(PNG) + b"0\r\n") + GET, "400 closed"),
    Case("blank before a trailer's colon", body(chunk(PNG) + b"0\r\nA : b\r\n\r\n"), "400 closed"),
    Case(
        "blank behind the size",
        body(b"%x \r\n%b\r\n" % (len(PNG), PNG) + END),
        "400 closed",
        "200 kept",
        SIZE_LINES,
    ),
    Case("blank before the size", body(b" " + chunk(PNG) + END), "400 closed"),
    Case("hexadecimal mark", body(b"0x" + chunk(PNG) + END), "400 closed"),
    Case("plus", body(b"+" + chunk(PNG) + END), "400 closed"),
    Case("minus", body(b"-" + chunk(PNG) + END), "400 closed"),
    Case("underscore in the size", body(b"1_0\r\n" + bytes(16) + b"\r\n" + END), "400 closed"),
    Case("no size", body(b"\r\n" + PNG + b"\r\n" + END), "400 closed"),
    Case("letter as size", body(b"g\r\n"), "400 closed"),
    Case("size of 64 bits and more", body(b"1" + b"0" * 16 + b"\r\n"), "400 closed", "waits", BIG),
    Case("size just under 64 bits", body(b"f" * 15 + b"\r\n"), "waits"),
    Case("line feed behind the size", body(b"%x\n%b\r\n" % (len(PNG), PNG) + END), "400 closed"),
    Case("line feed behind the data", body(b"%x\r\n%b\n" % (len(PNG), PNG) + END), "400 closed"),
    Case("no line end behind the data", body(b"%x\r\n%b" % (len(PNG), PNG) + END), "400 closed"),
    Case("data longer than the size", body(b"3\r\nabcd\r\n" + END), "400 closed"),
    Case(
        "carriage return behind the size", body(b"%x\r%b\r\n" % (len(PNG), PNG) + END), "400 closed"
    ),
    Case("line feeds at the end", body(chunk(PNG) + b"0\n\n"), "400 closed", "waits", LINE_FEEDS),
    Case("letters behind the last chunk", body(chunk(PNG) + b"0\r\nX"), "waits"),
    Case(
        "invalid chunk of a route that reads no body",
        GET[:-2] + b"Transfer-Encoding: chunked\r\n\r\nx\r\n" + GET,
        "200 closed",
        "400 closed",
        UNREAD,
    ),
    Case(
        "chunks of GET",
        GET[:-2] + b"Transfer-Encoding: chunked\r\n\r\n" + chunk(b"abc") + END + GET,
        "200 200 kept",
    ),
    Case("coding in capitals", coding(b" CHUNKED"), "200 kept"),
    Case("coding with blanks", coding(b"\t chunked \t"), "400 closed", "200 kept", TABS),
    Case("unknown coding", coding(b" gzip"), "400 closed", "501 closed", CODINGS),
    Case("identity", coding(b" identity"), "400 closed", "501 closed", CODINGS),
    Case("gzip, chunked", coding(b" gzip, chunked"), "400 closed", "501 closed", CODINGS),
    Case("chunked, gzip", coding(b" chunked, gzip"), "400 closed", "501 closed", CODINGS),
    Case("chunked, identity", coding(b" chunked, identity"), "400 closed", "501 closed", CODINGS),
    Case("chunked twice", coding(b" chunked, chunked"), "400 closed", "501 closed", CODINGS),
    Case(
        "chunked on two lines",
        coding(b" chunked", b" chunked"),
        "400 closed",
        "501 closed",
        CODINGS,
    ),
    Case(
        "identity and chunked on two lines",
        coding(b" identity", b" chunked"),
        "400 closed",
        "501 closed",
        CODINGS,
    ),
    Case("empty coding", coding(b""), "400 closed", "501 closed", CODINGS),
    Case("empty member of the list", coding(b" ,chunked"), "400 closed", "501 closed", CODINGS),
    Case("letter before chunked", coding(b" xchunked"), "400 closed", "501 closed", CODINGS),
    Case("quotes around chunked", coding(b' "chunked"'), "400 closed", "501 closed", CODINGS),
    Case("parameter of chunked", coding(b" chunked;a=b"), "400 closed", "501 closed", CODINGS),
    Case("control character before chunked", coding(b"\x0bchunked"), "400 closed"),
    Case("zero byte behind chunked", coding(b" chunked\0"), "400 closed"),
    Case(
        "another field",
        POST + b"Transfer_Encoding: chunked\r\n\r\n" + b"0\r\n\r\n",
        "400 400 closed",
    ),
    Case("chunked in HTTP/1.0", WHOLE.replace(b"1.1", b"1.0", 1), "400 closed", "200 closed", OLD),
)
