"""The parser of multipart bodies: its grammar, and its independence of the chunks."""

import random
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_multipart.multipart import MultipartParser as Oracle

from app.api.forms.parser import MAX_PART_HEADER_BYTES, MultipartParser
from app.errors import MalformedRequestError

Parts = list[tuple[bytes, bytes]]


class Receiver:
    """Receiver of parts: header section and content of each."""

    def __init__(self) -> None:
        self.parts: Parts = []

    def begin(self, header: bytes) -> None:
        """Begin a part."""
        self.parts.append((header, b""))

    def data(self, content: bytes) -> None:
        """Add content to the part."""
        header, before = self.parts[-1]
        self.parts[-1] = (header, before + content)


def parse(chunks: Iterable[bytes], boundary: bytes = b"b") -> tuple[Parts, bool, str]:
    """Parse a body in chunks; return its parts, whether it is complete, and the error."""
    receiver = Receiver()
    parser = MultipartParser(boundary, receiver.begin, receiver.data)
    try:
        for chunk in chunks:
            parser.feed(chunk)
    except MalformedRequestError as error:
        return receiver.parts, False, str(error)
    return receiver.parts, parser.closed, ""


ONE: Parts = [(b"A: 1", b"one")]
TWO: Parts = [*ONE, (b"B: 2\r\nC: 3", b"two\r\n")]
BODY = b"--b\r\nA: 1\r\n\r\none\r\n--b\r\nB: 2\r\nC: 3\r\n\r\ntwo\r\n\r\n--b--\r\n"

BODIES: dict[str, tuple[bytes, Parts]] = {
    "two parts": (BODY, TWO),
    "preamble": (b"This is a message\r\n--not\r\n--\r\n" + BODY, TWO),
    "preamble of one line end": (b"\r\n" + BODY, TWO),
    "preamble with the boundary inside a line": (b"x--b\r\n\r\nA: 1\r\n" + BODY, TWO),
    "epilogue": (BODY + b"epilogue\r\n--b\r\nA: 1\r\n\r\n\r\n--b--", TWO),
    "no line end after the last boundary": (BODY[:-2], TWO),
    "LF after the last boundary": (BODY[:-2] + b"\n", TWO),
    "blanks after a boundary": (BODY.replace(b"--b\r\n", b"--b \t \r\n"), TWO),
    "blanks after the last boundary": (BODY[:-2] + b"  \r\n", TWO),
    "empty": (b"--b--\r\n", []),
    "no headers": (b"--b\r\n\r\none\r\n--b--\r\n", [(b"", b"one")]),
    "no content": (b"--b\r\nA: 1\r\n\r\n\r\n--b--\r\n", [(b"A: 1", b"")]),
    "no content and no empty line": (b"--b\r\nA: 1\r\n\r\n--b--\r\n", [(b"A: 1", b"")]),
    "content of line ends": (
        b"--b\r\nA: 1\r\n\r\n\r\n\r\r\n\n\r\n--b--",
        [(b"A: 1", b"\r\n\r\r\n\n")],
    ),
    "the boundary inside a line": (
        b"--b\r\nA: 1\r\n\r\nx--b\r--b\n--b \r\n--b--",
        [(b"A: 1", b"x--b\r--b\n--b ")],
    ),
}


@pytest.mark.parametrize(("body", "parts"), BODIES.values(), ids=BODIES)
def test_bodies_are_split_at_the_boundary(body: bytes, parts: Parts) -> None:
    """Preamble, epilogue and blanks after a boundary are ignored (RFC 2046, section 5.1.1)."""
    assert parse([body]) == (parts, True, "")


@pytest.mark.parametrize("boundary", [b"x" * 70, b"a b", b"'()+_,-./:=?", b"-", b"--"])
def test_any_boundary_is_found(boundary: bytes) -> None:
    """A boundary of 70 characters, with blanks or with every special character is found."""
    assert parse([BODY.replace(b"--b", b"--" + boundary)], boundary) == (TWO, True, "")


LINE_GOES_ON = "a line that begins with the boundary and goes on"
BROKEN: dict[str, tuple[bytes, str]] = {
    "lines end in LF": (BODY.replace(b"\r\n", b"\n"), "a boundary whose line ends in LF"),
    "one boundary line ends in LF": (
        BODY.replace(b"one\r\n--b\r", b"one\r\n--b"),
        "LF, not in CRLF",
    ),
    "another boundary with this one at its start": (
        BODY.replace(b"one", b"\r\n--bc\r\n"),
        LINE_GOES_ON,
    ),
    "a boundary with CR alone": (BODY.replace(b"--b\r\nB", b"--b\rB"), LINE_GOES_ON),
    "one hyphen after a boundary": (BODY.replace(b"--b--", b"--b-\r\n"), LINE_GOES_ON),
    "too many blanks": (BODY.replace(b"--b\r\n", b"--b" + b" " * 1001 + b"\r\n"), LINE_GOES_ON),
    "large headers": (
        b"--b\r\nA: " + b"x" * MAX_PART_HEADER_BYTES + b"\r\n\r\n",
        "a part with headers of more than",
    ),
    "headers without end": (
        b"--b\r\n" + b"A: 1\r\n" * 2000,
        "a part with headers of more than 8192 bytes",
    ),
}


@pytest.mark.parametrize(("body", "error"), BROKEN.values(), ids=BROKEN)
def test_broken_bodies_are_refused(body: bytes, error: str) -> None:
    """Each fault has its own message."""
    assert error in parse([body])[2]


@pytest.mark.parametrize("body", [b"", b"--b", b"--b\r\nA: 1", BODY[:-4], BODY[:-3], b"preamble"])
def test_a_body_cut_off_is_not_closed(body: bytes) -> None:
    """Without its last boundary a body is not complete."""
    assert parse([body])[1:] == (False, "")


WHOLE = [body for body, _ in (*BODIES.values(), *BROKEN.values())]


@pytest.mark.parametrize("body", WHOLE, ids=[*BODIES, *BROKEN])
def test_single_bytes_give_the_same(body: bytes) -> None:
    """A body of one-byte chunks gives the parts and the error of the whole."""
    chunks = (body[place : place + 1] for place in range(len(body)))

    assert parse(chunks) == parse([body])


PIECES = [
    b"\r\n--b",
    b"--b",
    b"--",
    b"-",
    b"\r\n",
    b"\r",
    b"\n",
    b" ",
    b"\t",
    b"A: 1",
    b"x",
    b"b",
    b":",
]


@given(st.lists(st.sampled_from(PIECES), max_size=24).map(b"".join), st.randoms())
def test_chunks_do_not_matter(body: bytes, chance: random.Random) -> None:
    """Any body, valid or not, gives the same parts and the same error for any chunks."""
    places = sorted(chance.choices(range(len(body) + 1), k=chance.randrange(6)))
    chunks = [body[start:end] for start, end in pairwise([0, *places, len(body)])]

    assert parse(chunks) == parse([body])
    assert parse([b"--b\r\n\r\n", *chunks]) == parse([b"--b\r\n\r\n" + body])


@given(st.lists(st.lists(st.sampled_from(PIECES[2:]), max_size=12).map(b"".join), min_size=1))
def test_the_parts_are_those_of_python_multipart(contents: list[bytes]) -> None:
    """For valid forms the contents are the same as python-multipart's."""
    contents = [one for one in contents if b"\r\n--b" not in b"\r\n" + one] or [b""]
    body = b"".join(b"--b\r\nA: 1\r\n\r\n%b\r\n" % one for one in contents) + b"--b--\r\n"
    found: list[bytes] = []

    def add(data: bytes, start: int, end: int) -> None:
        found[-1] += data[start:end]

    callbacks: Any = {"on_part_begin": lambda: found.append(b""), "on_part_data": add}
    Oracle(b"b", callbacks).write(body)

    assert [content for _, content in parse([body])[0]] == found == contents
