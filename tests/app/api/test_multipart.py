"""The plainest form comes out as the parser reads it; every other is left to the parser."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.multipart import FormReader
from app.api.simple_form import read_simple_form
from app.errors import MalformedRequestError
from app.settings import Settings

KIND = "multipart/form-data; boundary=a-b"
HEADER = b'Content-Disposition: form-data; name="images"; filename="1.png"\r\n'


def form(*parts: bytes, end: bytes = b"--a-b--\r\n") -> bytes:
    """Return a form of these parts, each with its headers."""
    return b"".join([*(b"--a-b\r\n" + part + b"\r\n" for part in parts), end])


def part(content: bytes) -> bytes:
    """Return a file in the field "images"."""
    return HEADER + b"Content-Type: image/png\r\n\r\n" + content


def as_the_parser_reads(body: bytes, kind: str) -> list[tuple[str, bool, bytes]]:
    """Return name, whether a file, and content of each part."""
    reader = FormReader(kind, most=10, settings=Settings())
    reader.feed(body)
    return [(part.name, part.is_file, part.content) for part in reader.parts()]


# What could be taken for the end of a part, or a header.
contents = st.lists(
    st.sampled_from([b"\r\n", b"--", b"a-b", b"\n", b"\r", b"-", HEADER, b"\0\xff", b"x"]),
    max_size=8,
).map(b"".join)


@given(st.lists(contents, min_size=1, max_size=4))
def test_files_are_those_of_the_parser(files: list[bytes]) -> None:
    """Whatever is in them; a form that is not plain any more is not answered differently."""
    body = form(*map(part, files))

    read = read_simple_form(body, KIND, "images", most=10)

    if read is not None:
        expected = [("images", True, content) for content in read]
        assert as_the_parser_reads(body, KIND) == expected
    if not any(b"\r\n--a-b" in b"\r\n" + content for content in files):
        assert read == files


@given(st.data())
def test_a_damaged_form_is_not_read_differently(data: st.DataObject) -> None:
    """A byte changed, left out or added anywhere."""
    body = form(part(b"one"), part(b"two"))
    place = data.draw(st.integers(0, len(body)))
    instead = data.draw(st.sampled_from([b"", b"-", b"\r\n", b'"', b":", b"a", b"\0"]))
    kept = data.draw(st.integers(0, 2))
    damaged = body[:place] + instead + body[place + kept :]

    read = read_simple_form(damaged, KIND, "images", most=10)

    if read is not None:
        try:
            parts = as_the_parser_reads(damaged, KIND)
        except MalformedRequestError as error:
            pytest.fail(f"read {read}, and the parser says {error}")
        assert parts == [("images", True, content) for content in read]


FILES = {"a.png": b"one", "b.png": b"two"}


def test_what_clients_send_is_plain() -> None:
    """Httpx's form; that of curl and of the browser differ in the boundary alone."""
    files = [("images", (name, content, "image/png")) for name, content in FILES.items()]
    request = httpx.Request("POST", "http://x", files=files)
    kind = request.headers["Content-Type"]

    assert read_simple_form(request.read(), kind, "images", most=2) == [b"one", b"two"]


@pytest.mark.parametrize("kind", ['multipart/form-data; boundary="a-b"', KIND])
def test_a_boundary_may_be_quoted(kind: str) -> None:
    """As RFC 2046 has it."""
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
        pytest.param(form(part(b"1")) + b"behind", KIND, id="something behind"),
        pytest.param(b"before" + form(part(b"1")), KIND, id="something before"),
        pytest.param(form(), KIND, id="no part"),
        pytest.param(b"", KIND, id="nothing"),
        pytest.param(form(part(b"1")), "multipart/form-data", id="no boundary"),
        pytest.param(form(part(b"1")), KIND + "; x=y", id="another parameter"),
        pytest.param(form(part(b"1")), "multipart/mixed; boundary=a-b", id="another kind"),
    ],
)
def test_anything_else_is_left_to_the_parser(body: bytes, kind: str) -> None:
    """It says what is wrong, if anything is."""
    assert read_simple_form(body, kind, "images", most=2) is None
