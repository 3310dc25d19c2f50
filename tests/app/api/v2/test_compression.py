"""Content codings: limits of decompression, and the choice for a response."""

import asyncio
import gzip
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.messages import HttpResponse
from app.api.v2.compression import choose_coding, compress, decompress
from app.errors import (
    AppError,
    BodyTooLargeError,
    MalformedRequestError,
    TooBusyError,
    UnsupportedEncodingError,
)
from tests.support.memory import MEGABYTE

CODINGS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress}


def read(body: bytes, coding: str = "gzip", *, most: int = 10 * MEGABYTE) -> bytes:
    """Return a decompressed body."""
    return asyncio.run(decompress(body, coding, max_bytes=most, hold=lambda _: None))


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("size", [0, 1, 65_536, 262_144, 262_145, 5_000_000])
def test_bodies_of_any_size_are_decompressed(coding: str, size: int) -> None:
    """Small ones in the event loop, large ones in a thread; compressible or not."""
    varied = bytes(range(256)) * (size // 256 + 1)
    for content in (bytes(size), varied[:size]):
        assert read(CODINGS[coding](content), coding) == content
    incompressible = zlib.compress(varied[:size], 0)
    assert read(incompressible, "deflate") == varied[:size]


@given(st.binary(max_size=2000), st.sampled_from(sorted(CODINGS)))
def test_a_part_of_a_stream_is_refused(content: bytes, coding: str) -> None:
    """And so is a stream with more behind it."""
    whole = CODINGS[coding](content)

    for body in (whole[:-1], whole[: len(whole) // 2], b"", whole + b"x", whole + whole):
        with pytest.raises(MalformedRequestError, match="body: expected"):
            read(body, coding)


def test_other_data_is_refused() -> None:
    """The data is of the coding that the header names."""
    with pytest.raises(MalformedRequestError, match="expected gzip, got: Error -3"):
        read(b"{}")
    with pytest.raises(MalformedRequestError, match="expected deflate"):
        read(gzip.compress(b"{}"), "deflate")


def test_decompression_stops_at_the_limit() -> None:
    """A bomb of 100 MB is decompressed up to the limit, in parts that are counted."""
    held: list[int] = []
    bomb = gzip.compress(bytes(100 * MEGABYTE))

    with pytest.raises(BodyTooLargeError, match="at most 1000000 bytes when decompressed"):
        asyncio.run(decompress(bomb, "gzip", max_bytes=1_000_000, hold=held.append))

    assert sum(held) <= 1_000_000
    assert max(held) <= 262_144
    assert read(gzip.compress(bytes(1000)), most=1000) == bytes(1000)
    with pytest.raises(BodyTooLargeError):
        read(gzip.compress(bytes(1001)), most=1000)


def test_all_bodies_together_have_a_limit() -> None:
    """The error of the total limit ends the decompression."""

    def refuse(_: int) -> None:
        raise TooBusyError("full")

    with pytest.raises(TooBusyError, match="full"):
        asyncio.run(decompress(gzip.compress(b"x"), "gzip", max_bytes=10, hold=refuse))


@pytest.mark.parametrize("coding", ["br", "gzip, gzip", "x" * 1000])
def test_another_coding_is_refused(coding: str) -> None:
    """The error names it, up to 40 characters."""
    with pytest.raises(AppError, match=f"gzip or deflate, got {coding[:40]}$") as caught:
        read(b"", coding)

    assert isinstance(caught.value, UnsupportedEncodingError)


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("deflate", "deflate"),
        ("gzip, deflate", "gzip"),
        ("deflate, gzip", "gzip"),
        ("GZIP;q=0.5, deflate", "deflate"),
        ("gzip; q=0", None),
        ("gzip;q=0, deflate;q=0.1", "deflate"),
        ("*", "gzip"),
        ("gzip;q=0, *", "deflate"),
        ("*;q=0", None),
        ("identity", None),
        ("br", None),
        ("gzip;q=x", None),
        ("", None),
    ],
)
def test_the_client_chooses_the_coding(accepted: str, coding: str | None) -> None:
    """By name and weight (RFC 9110, section 12.5.3)."""
    assert choose_coding(accepted) == coding


@pytest.mark.parametrize("size", [1024, 100_000])
@pytest.mark.parametrize("coding", CODINGS)
def test_a_response_is_compressed_on_request(coding: str, size: int) -> None:
    """Its headers name the coding; a small response stays as it is."""
    plain = HttpResponse(200, [(b"x", b"y")], bytes(size))

    got = asyncio.run(compress(plain, coding))

    assert list(got.headers) == [(b"x", b"y"), (b"content-encoding", coding.encode())]
    assert len(got.body) < size
    assert read(got.body, coding) == plain.body
    small = HttpResponse(200, [], bytes(1023))
    assert asyncio.run(compress(small, coding)) is small
    assert asyncio.run(compress(plain, "br")) is plain
