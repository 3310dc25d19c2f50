"""Forms as clients send them: headers of the parts, limits, and the errors of broken forms."""

from typing import Any

import pytest

from app.api.forms.reader import FormReader, Part
from app.errors import MalformedRequestError
from app.settings import Settings

KIND = "multipart/form-data; boundary=b"
FILE = 'Content-Disposition: form-data; name="image"; filename="a.png"'


def read(*parts: str, kind: str = KIND, most: int = 2, **settings: Any) -> list[Part]:
    """Read a form of parts; each is headers, an empty line and content, with LF for CRLF."""
    body = "".join(f"--b\n{part}\n" for part in parts) + "--b--\n"
    reader = FormReader(kind, most=most, settings=Settings(**settings))
    reader.feed(body.replace("\n", "\r\n").encode())
    return reader.parts()


@pytest.mark.parametrize(
    "headers",
    [
        FILE,
        FILE + "\nContent-Type: image/png",
        "Content-Type: image/png\nContent-Length: 3\n" + FILE,
        FILE.replace(": ", ":\t").lower(),
        FILE.replace("; ", ";\n\t"),
        FILE + "\nContent-Transfer-Encoding: Binary",
        FILE + "\nX-Twice: 1\nX-Twice: 2",
        'Content-Disposition: form-data; filename="a \\"b\\".png"; name="image"',
        "Content-Disposition: form-data; name=image; filename=a.png; filename*=utf-8''a.png",
        "Content-Disposition: form-data; name=\"image\"; filename*=UTF-8''zw%C3%B6lf.png",
        "Content-Disposition: form-data; name=image; filename*0=a; filename*1=.png",
        'Content-Disposition: form-data; name="image"; filename="\u202e\u0443.png"',
    ],
)
def test_a_file_is_read(headers: str) -> None:
    """Order, case, folding and quoting of the headers do not matter; filename* is accepted."""
    [part] = read(f"{headers}\n\none")

    assert (part.name, part.is_file, part.has_filename) == ("image", True, True)
    assert part.content == b"one"


@pytest.mark.parametrize("filename", ["filename=", 'filename=""', "filename*="])
def test_an_empty_file_input_is_unset(filename: str) -> None:
    """A browser sends an empty name and no content if no file was chosen."""
    [unset] = read(f"Content-Disposition: form-data; name=image; {filename}\n\n")
    [nameless] = read(f"Content-Disposition: form-data; name=image; {filename}\n\none")

    assert unset.is_unset
    assert nameless.is_file
    assert not nameless.is_unset


def test_text_is_no_file() -> None:
    """A part without a file name is text; only its size is kept."""
    [part] = read("Content-Disposition: form-data; name=image\n\none")

    assert (part.is_file, part.size, part.chunks) == (False, 3, [])


@pytest.mark.parametrize(
    ("headers", "got"),
    [
        ("Content-Type: image/png", "a part without a name in its Content-Disposition"),
        ("Content-Disposition: form-data", "a part without a name in its Content-Disposition"),
        (FILE + "\nno colon", "a part with a broken header"),
        (FILE + "\nblank : 1", "a part with a broken header"),
        (FILE + "\n: 1", "a part with a broken header"),
        (FILE + "\nA: 1\rB: 2", "a part with a broken header"),
        (FILE + "\n" + FILE.lower(), "a part with two headers content-disposition"),
        (
            FILE + "\nContent-Transfer-Encoding: base64",
            "a part with Content-Transfer-Encoding base64",
        ),
        (
            FILE + "\nContent-Type: Multipart/mixed; boundary=c",
            "a part that is itself a multipart body",
        ),
    ],
)
def test_a_part_that_cannot_be_read_is_refused(headers: str, got: str) -> None:
    """The message says what is wrong with the part."""
    with pytest.raises(MalformedRequestError) as refused:
        read(f"{headers}\n\none")

    assert str(refused.value) == f"form: expected multipart/form-data, got: {got}"


@pytest.mark.parametrize(
    "kind",
    [
        'multipart/form-data; boundary="b"',
        "multipart/form-data;boundary=b",
        "multipart/form-data; charset=utf-8; boundary=b",
        "Multipart/Form-Data ; BOUNDARY = b ;",
        "multipart/form-data; boundary=b; boundary=c",
    ],
)
def test_the_boundary_is_found_in_the_content_type(kind: str) -> None:
    """The boundary may be quoted, in any place, with any case of its name; the first one counts."""
    assert [part.content for part in read(FILE + "\n\none", kind=kind)] == [b"one"]


@pytest.mark.parametrize(
    ("kind", "got"),
    [
        ("multipart/form-data", "no boundary in Content-Type"),
        ("multipart/form-data; boundary=", "no boundary in Content-Type"),
        ('multipart/form-data; boundary=""', "no boundary in Content-Type"),
        (f"multipart/form-data; boundary={'b' * 257}", "a boundary of more than 256 characters"),
    ],
)
def test_a_content_type_without_a_usable_boundary_is_refused(kind: str, got: str) -> None:
    """The message says what is wrong with the boundary."""
    with pytest.raises(MalformedRequestError, match=got):
        read(FILE + "\n\none", kind=kind)


TEXT = "Content-Disposition: form-data; name=text\n\n"


@pytest.mark.parametrize(
    ("parts", "got"),
    [
        ([FILE + "\n\none"] * 3, "more files than 2"),
        ([TEXT] * 4, "more fields of text than 3"),
        ([TEXT + "12345"], "a field of text of more than 4 bytes"),
    ],
)
def test_limits_of_a_form(parts: list[str], got: str) -> None:
    """Files, text fields and their sizes are limited; a form at the limits is read."""
    assert (
        len(
            read(
                *[FILE + "\n\none"] * 2, *[TEXT + "1234"] * 3, max_form_fields=3, max_field_bytes=4
            )
        )
        == 5
    )
    with pytest.raises(MalformedRequestError, match=got):
        read(*parts, max_form_fields=3, max_field_bytes=4)
