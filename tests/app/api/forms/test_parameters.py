"""Parameters of Content-Type and Content-Disposition, as clients write them."""

import time

import pytest

from app.api.forms.parameters import header_parameters
from app.errors import MalformedRequestError


@pytest.mark.parametrize(
    ("header", "parameters"),
    [
        ("form-data", {}),
        ("", {}),
        ('form-data; name="image"; filename="a.png"', {"name": "image", "filename": "a.png"}),
        ("form-data; name=image; filename=a.png", {"name": "image", "filename": "a.png"}),
        ("form-data;name=image;filename=a.png", {"name": "image", "filename": "a.png"}),
        ('form-data ;\t NAME = "image" ; FileName="a"', {"name": "image", "filename": "a"}),
        ("form-data; name=image;", {"name": "image"}),
        ("form-data; ; name=image; flag", {"name": "image"}),
        ("multipart/form-data; boundary=a=b", {"boundary": "a=b"}),
        (
            'multipart/form-data; charset=utf-8; boundary="a; b"',
            {"charset": "utf-8", "boundary": "a; b"},
        ),
    ],
)
def test_parameters_are_read(header: str, parameters: dict[str, str]) -> None:
    """Names may have any case, values may be quoted or not, with or without blanks around them."""
    assert header_parameters(header) == parameters


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (r'"a \"two\".png"', 'a "two".png'),
        (r'"a\\b.png"', r"a\b.png"),
        ('"a "two".png"', 'a "two".png'),
        ('"C:\\"', "C:\\"),
        ('"a; name=other.png"', "a; name=other.png"),
        ('"no end', '"no end'),
        ('""', ""),
        ("", ""),
    ],
)
def test_quotes_in_a_file_name(value: str, name: str) -> None:
    """A quote in a file name, escaped or not, hides no parameter that follows it."""
    header = f"form-data; filename={value}; name=image"

    assert header_parameters(header) == {"filename": name, "name": "image"}


def test_of_two_equal_parameters_the_first_counts() -> None:
    """The second parameter of a name is ignored, whatever its case."""
    assert header_parameters("x/y; boundary=a; Boundary=b") == {"boundary": "a"}


def test_many_parameters_are_refused() -> None:
    """A header with more than 100 semicolons is refused before its parameters are read."""
    assert len(header_parameters("x" + ";a=b" * 100)) == 1
    with pytest.raises(MalformedRequestError, match="a header with more than 100 semicolons"):
        header_parameters("x" + ";a=b" * 101)


@pytest.mark.parametrize("part", ['a="x', 'a="x"y', '"', " ", 'a="x" y', "a=", '\\"', "="])
def test_the_time_grows_with_the_length(part: str) -> None:
    """No header takes time that grows with the square of its length."""

    def seconds(count: int) -> float:
        header = "form-data" + f";{part * (count // 90)}" * 90
        times = []
        for _ in range(3):
            began = time.process_time()
            header_parameters(header)
            times.append(time.process_time() - began)
        return min(times)

    assert seconds(20_000) < 20 * max(seconds(2_000), 0.0005)
