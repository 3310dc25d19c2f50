"""The fast path for simple forms returns FormReader's result, or leaves the form to it."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.forms.reader import FormReader
from app.api.forms.simple_form import read_simple_form
from app.errors import MalformedRequestError
from app.settings import Settings

KIND = "multipart/form-data; boundary=a-b"
HEADER = b'Content-Disposition: form-data; name="images"; filename="1.png"\r\n'


def form(*parts: bytes, end: bytes = b"--a-b--\r\n") -> bytes:
    """Return a form with these parts; each includes its headers."""
    return b"".join([*(b"--a-b\r\n" + part + b"\r\n" for part in parts), end])


def part(content: bytes) -> bytes:
    """Return a file in the field "images"."""
    return HEADER + b"Content-Type: image/png\r\n\r\n" + content


def parse(body: bytes, kind: str) -> list[tuple[str, bool, bytes]]:
    """Parse a form; return name, file or not, and content of each part."""
    reader = FormReader(kind, most=10, settings=Settings())
    reader.feed(body)
    return [(part.name, part.is_file, part.content) for part in reader.parts()]


# Bytes that a parser could mistake for the end of a part or for a header.
contents = st.lists(
    st.sampled_from([b"\r\n", b"--", b"a-b", b"\n", b"\r", b"-", HEADER, b"\0\xff", b"x"]),
    max_size=8,
).map(b"".join)


@given(st.lists(contents, min_size=1, max_size=4))
def test_files_are_those_of_the_parser(files: list[bytes]) -> None:
    """For any content of the files, the fast path returns None or the parser's result."""
    body = form(*map(part, files))

    read = read_simple_form(body, KIND, "images", most=10)

    if read is not None:
        expected = [("images", True, content) for content in read]
        assert parse(body, KIND) == expected
    if not any(b"\r\n--a-b" in b"\r\n" + content for content in files):
        assert read == files


# Lines of forms, simple and not; a list of them is a form in some cases.
_LINES = [
    b"--a-b",
    b"--a-b--",
    b"--a-b ",
    b"",
    b"x",
    b"--a-bc",
    b"Content-Type: image/png",
    b"content-type: multipart/mixed; boundary=c",
    b"Content-Length: 1",
    b"Content-Transfer-Encoding: base64",
    b"Content-Transfer-Encoding: binary",
    b"X: y",
    HEADER[:-2],
    HEADER[:-2].replace(b"1.png", b""),
    HEADER[:-2].replace(b"1.png", b"\\"),
    HEADER[:-2].lower(),
]
_start = st.just([b"--a-b", HEADER[:-2]])


@given(_start, st.lists(st.sampled_from(_LINES), max_size=12), st.booleans())
def test_a_strange_form_is_not_read_differently(
    start: list[bytes], lines: list[bytes], closed: bool
) -> None:
    """For any lines that forms consist of, the fast path returns None or the reader's result."""
    body = b"\r\n".join([*start, *lines, *([b"--a-b--"] if closed else [])])

    read = read_simple_form(body, KIND, "images", most=10)

    if read is not None:
        assert parse(body, KIND) == [("images", True, content) for content in read]


@given(st.data())
def test_a_damaged_form_is_not_read_differently(data: st.DataObject) -> None:
    """With bytes changed, removed or added, the fast path returns None or the parser's result."""
    body = form(part(b"one"), part(b"two"))
    place = data.draw(st.integers(0, len(body)))
    instead = data.draw(st.sampled_from([b"", b"-", b"\r\n", b'"', b":", b"a", b"\0"]))
    kept = data.draw(st.integers(0, 2))
    damaged = body[:place] + instead + body[place + kept :]

    read = read_simple_form(damaged, KIND, "images", most=10)

    if read is not None:
        try:
            parts = parse(damaged, KIND)
        except MalformedRequestError as error:
            pytest.fail(f"read {read}, and the parser says {error}")
        assert parts == [("images", True, content) for content in read]


FILES = {"a.png": b"one", "b.png": b"two"}


def test_a_form_of_httpx_is_simple() -> None:
    """The fast path reads httpx's forms; those of curl and browsers have another boundary only."""
    files = [("images", (name, content, "image/png")) for name, content in FILES.items()]
    request = httpx.Request("POST", "http://x", files=files)
    kind = request.headers["Content-Type"]

    assert read_simple_form(request.read(), kind, "images", most=2) == [b"one", b"two"]


@pytest.mark.parametrize("kind", ['multipart/form-data; boundary="a-b"', KIND])
def test_a_boundary_may_be_quoted(kind: str) -> None:
    """The fast path accepts a boundary with and without quotes (RFC 2046)."""
    assert read_simple_form(form(part(b"one")), kind, "images", most=1) == [b"one"]


TEXT = b'Content-Disposition: form-data; name="images"\r\n\r\none'
OTHER = HEADER.replace(b"images", b"other") + b"\r\none"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(form(part(b"1"), part(b"2"), part(b"3")), KIND, id="too many"),
        pytest.param(form(part(b"1"), TEXT), KIND, id="text"),
        pytest.param(form(part(b"1"), OTHER), KIND, id="another field"),
        pytest.param(form(b"X: y\r\n" + part(b"1")), KIND, id="another header"),
        pytest.param(form(part(b"1"), end=b""), KIND, id="no end"),
        pytest.param(form(part(b"1")) + b"behind", KIND, id="bytes after the end"),
        pytest.param(b"before" + form(part(b"1")), KIND, id="bytes before the start"),
        pytest.param(form(), KIND, id="no part"),
        pytest.param(form(part(b"1").replace(b"1.png", b"")), KIND, id="no file chosen"),
        pytest.param(form(part(b"1").replace(b"image/png", b"multipart/mixed")), KIND, id="nested"),
        pytest.param(
            form(HEADER + b"Content-Transfer-Encoding: base64\r\n\r\n"), KIND, id="base64"
        ),
        pytest.param(b"", KIND, id="empty"),
        pytest.param(form(part(b"1")), "multipart/form-data", id="no boundary"),
        pytest.param(form(part(b"1")), KIND + "; x=y", id="another parameter"),
        pytest.param(form(part(b"1")), "multipart/mixed; boundary=a-b", id="another kind"),
    ],
)
def test_other_forms_are_left_to_the_parser(body: bytes, kind: str) -> None:
    """The fast path returns None for every other form, valid or not."""
    assert read_simple_form(body, kind, "images", most=2) is None
