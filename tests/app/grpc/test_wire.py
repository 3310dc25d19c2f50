"""Protocol Buffers wire format: binary fields beside the rest of a message."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BodyTooLargeError, MalformedRequestError
from app.grpc.messages import ModelInferRequest
from app.grpc.wire import split_binary

FIELD = ModelInferRequest.RAW_INPUT_CONTENTS_FIELD_NUMBER


def split(message: bytes, *, max_rest: int = 1000) -> tuple[bytes, list[bytes]]:
    """Split a message at the field of raw contents."""
    return split_binary(message, FIELD, max_rest=max_rest)


@given(st.text(max_size=200), st.lists(st.binary(max_size=300), max_size=4))
def test_a_message_is_split(name: str, raw: list[bytes]) -> None:
    """The binary fields come out as they went in, in order; the rest is the message without."""
    message = ModelInferRequest(model_name=name, id="x", raw_input_contents=raw)
    rest, binary = split(message.SerializeToString())

    assert binary == raw
    assert rest == ModelInferRequest(model_name=name, id="x").SerializeToString()


@given(st.binary(max_size=40))
def test_other_bytes_are_malformed_or_split(message: bytes) -> None:
    """No bytes lead to another exception, and none are lost."""
    try:
        rest, binary = split(message)
    except MalformedRequestError:
        return
    assert len(rest) + sum(map(len, binary)) <= len(message)


def test_unknown_fields_of_all_types_are_kept() -> None:
    """Varint, fixed, and bytes of other numbers."""
    message = b"\x50\xff\x01\x59" + bytes(8) + b"\x65" + bytes(4) + b"\x6a\x02ab"

    assert split(message) == (message, [])


@pytest.mark.parametrize(
    "message", [b"\x3a\x05abc", b"\x3a", b"\x80" * 11, b"\x59abc", b"\x0b", b"\x0c"]
)
def test_a_part_of_a_message_is_malformed(message: bytes) -> None:
    """A length over the end, an endless integer, a type that the format does not have any more."""
    with pytest.raises(MalformedRequestError):
        split(message)


def test_a_large_rest_is_refused() -> None:
    """It would take much more memory when parsed."""
    with pytest.raises(BodyTooLargeError, match="at most 1000 bytes without raw contents"):
        split(b"\x0a\x7f" + bytes(127) + b"\x2a\x00" * 500)


def test_many_fields_are_refused_at_once() -> None:
    """20 MB of empty inputs, or of empty raw contents, take no second."""
    began = time.perf_counter()
    for field in (b"\x2a\x00", b"\x3a\x00"):
        with pytest.raises(MalformedRequestError, match="at most 1024 fields"):
            split(field * 10_000_000, max_rest=2_000_000)

    assert time.perf_counter() - began < 1
