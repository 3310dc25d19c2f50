"""Large request bodies: bounded memory and time, and the limits from the settings."""

import time
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.memory import MEGABYTE, peak_bytes, reset_peak
from tests.support.pictures import as_bytes, with_scans
from tests.support.servers import Server, serve

LARGEST = 20_000_000
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "multipart/form-data; boundary=b"}


def filled(start: bytes, piece: bytes, end: bytes = b"") -> bytes:
    """Return a body of the largest size: repeated pieces between a start and an end."""
    return start + piece * ((LARGEST - len(start + end)) // len(piece)) + end


def part(name: str, content: bytes = b"") -> bytes:
    """Return a part of a form."""
    return b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (
        name.encode(),
        content,
    )


FILE = part('images"; filename="a')

PAYLOADS: dict[str, tuple[str, dict[str, str], bytes, int]] = {
    "bytes": ("", {}, filled(b"", b"a"), 415),
    "one too many": ("", {}, bytes(LARGEST + 1), 413),
    "picture and bytes": ("", {}, filled(as_bytes(), b"\0"), 200),
    "base64": ("", JSON, filled(b'{"image": "', b"AAAA", b'"}'), 415),
    "base64 of spaces": ("", JSON, filled(b'{"image": "', b" ", b'"}'), 400),
    "escapes": ("", JSON, filled(b'{"image": "', b"\\u0041" * 4, b'"}'), 415),
    "a number": ("", JSON, filled(b'{"image": ', b"9", b"}"), 400),
    "nested lists": ("", JSON, filled(b"", b"["), 400),
    "nested objects": ("", JSON, filled(b"", b'{"image":'), 400),
    "empty lists": ("", JSON, filled(b'{"image": [', b"[],", b"[]]}"), 400),
    "zeros": ("", JSON, filled(b"[", b"0,", b"0]"), 400),
    "keys": ("", JSON, filled(b"{", b'"a":0,', b'"a":0}'), 400),
    "parts of text": ("", FORM, filled(b"", part("a")), 400),
    "a part of text": ("", FORM, filled(b"", part("image", b"a" * 19_000_000)), 400),
    "files": ("/batch", FORM, filled(b"", FILE, b"--b--\r\n"), 400),
    "a file": ("", FORM, part('image"; filename="a', bytes(19_999_000)) + b"--b--\r\n", 415),
    "the name of a field": ("", FORM, part("a" * 19_000_000), 400),
    "headers of a part": ("", FORM, filled(b"--b\r\n", b"A: b\r\n"), 400),
    "a boundary": ("", {"Content-Type": "multipart/form-data; boundary=" + "b" * 9000}, b"", 400),
}


@pytest.mark.parametrize(("path", "headers", "body", "status"), PAYLOADS.values(), ids=PAYLOADS)
def test_a_large_payload_takes_bounded_memory(
    default_server: Server, path: str, headers: dict[str, Any], body: bytes, status: int
) -> None:
    """A large body has its status within two seconds and five times its size in memory."""
    process = default_server.process.pid
    reset_peak(process)
    before, began = peak_bytes(process), time.perf_counter()

    answer = httpx.post(
        f"{default_server.url}/v1/predictions{path}", content=body, headers=headers, timeout=30
    )

    assert answer.status_code == status
    assert time.perf_counter() - began < 2
    assert (peak_bytes(process) - before) / MEGABYTE < 5 * LARGEST / MEGABYTE
    assert len(answer.content) < 2000


PICTURE = {"image": ("a.png", as_bytes())}


@pytest.mark.parametrize(
    ("options", "detail"),
    [
        ({"files": PICTURE, "data": {"a": "1", "b": "2"}}, "more fields of text than 1"),
        ({"files": PICTURE, "data": {"a": "12345678"}}, "a field of text of more than 7 bytes"),
        ({"json": {"a": [1, 2, 3, 4]}}, "got more than 2 values"),
        ({"content": with_scans(7)}, "expected a JPEG of at most 6 scans"),
    ],
    ids=["fields", "field bytes", "values", "scans"],
)
def test_a_request_over_a_limit_is_refused(
    low_limit_server: Server, options: dict[str, Any], detail: str
) -> None:
    """A request over a limit of the settings is refused, and the error names the limit."""
    answer = httpx.post(f"{low_limit_server.url}/v1/predictions", **options)

    assert answer.status_code in (400, 422)
    assert detail in answer.json()["detail"]


@pytest.mark.parametrize(
    "options",
    [
        {"files": PICTURE, "data": {"a": "1234567"}},
        {"json": {"image": "data:image/png;base64," + b64encode(as_bytes()).decode()}},
        {"content": with_scans(6)},
    ],
    ids=["form", "values", "scans"],
)
def test_a_request_at_a_limit_is_answered(
    low_limit_server: Server, options: dict[str, Any]
) -> None:
    """A request that just reaches a limit of the settings is answered."""
    assert httpx.post(f"{low_limit_server.url}/v1/predictions", **options).status_code == 200


@pytest.fixture(scope="module")
def low_limit_server() -> Iterator[Server]:
    """Return a running server with low limits."""
    limits = {"FORM_FIELDS": "1", "FIELD_BYTES": "7", "JSON_VALUES": "2", "SCANS": "6"}
    with serve(**{f"DIGITS_MAX_{name}": value for name, value in limits.items()}) as server:
        yield server
