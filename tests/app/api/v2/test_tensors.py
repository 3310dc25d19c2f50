"""Codec of tensors: round trips, and data that does not fit the datatype or the shape."""

import base64
import struct
from typing import Any

import hypothesis.extra.numpy as arrays
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from app.api.v2.tensors import (
    BYTES,
    DATATYPES,
    Tensor,
    decode_binary,
    decode_json,
    encode_binary,
    encode_json,
)
from app.errors import MalformedRequestError
from tests.support.tensors import serialise

NUMERIC = st.sampled_from(sorted(DATATYPES)).flatmap(
    lambda datatype: st.tuples(
        st.just(datatype),
        arrays.arrays(
            DATATYPES[datatype],
            arrays.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4),
            elements={"allow_nan": False, "allow_infinity": False}
            if DATATYPES[datatype].kind == "f"
            else None,
        ),
    )
)
ELEMENTS = st.lists(st.binary(max_size=20), max_size=5)


@given(NUMERIC)
def test_numbers_survive_both_representations(typed: tuple[str, np.ndarray[Any, Any]]) -> None:
    """Binary data is NumPy's, and JSON data is accepted nested and flat."""
    datatype, array = typed
    tensor = Tensor("x", datatype, array.shape, array)

    assert encode_binary(tensor) == serialise(tensor)
    decoded = [
        decode_binary("x", datatype, array.shape, encode_binary(tensor)),
        decode_json("x", datatype, array.shape, encode_json(tensor)),
    ]
    if array.size:  # an empty list does not say how it is nested
        decoded.append(decode_json("x", datatype, array.shape, array.tolist()))
    for one in decoded:
        assert isinstance(one.values, np.ndarray)
        assert one.values.dtype == array.dtype
        np.testing.assert_array_equal(one.values, array)


@given(ELEMENTS)
def test_elements_survive_both_representations(elements: list[bytes]) -> None:
    """Elements of BYTES have their length before them in binary data, in JSON they are base64."""
    tensor = Tensor("x", BYTES, (len(elements),), elements)
    texts = [base64.b64encode(one).decode() for one in elements]

    assert encode_binary(tensor) == serialise(tensor)
    assert decode_binary("x", BYTES, tensor.shape, encode_binary(tensor)).values == elements
    assert decode_json("x", BYTES, tensor.shape, texts).values == elements


def test_elements_are_texts_in_json() -> None:
    """The elements of an output are UTF-8."""
    assert encode_json(Tensor("x", BYTES, (2,), [b"accept", b""])) == ["accept", ""]


@pytest.mark.parametrize("size", [0, 15, 17])
def test_binary_data_has_the_length_of_the_shape(size: int) -> None:
    """The error has both lengths."""
    with pytest.raises(MalformedRequestError, match=rf"16 bytes for FP32 \[2, 2\], got {size}$"):
        decode_binary("x", "FP32", (2, 2), bytes(size))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "expected 1 elements, each a uint32 length and its bytes, got 0 of them in 0"),
        (b"\1\0", "expected 1 elements"),
        (struct.pack("<I", 3) + b"ab", "got 0 of them in 6 bytes"),
        (struct.pack("<I", 2**32 - 1) + b"ab", "got 0 of them in 6 bytes"),
        (struct.pack("<I", 1) + b"ab", "expected 1 elements in 5 bytes, got 6 bytes"),
    ],
)
def test_elements_must_fill_the_binary_data(data: bytes, error: str) -> None:
    """Too few bytes, and bytes that are left over."""
    with pytest.raises(MalformedRequestError, match=error):
        decode_binary("x", BYTES, (1,), data)


@pytest.mark.parametrize(
    ("datatype", "data", "error"),
    [
        ("FP32", [1.0], "expected 2 values for shape .1, 2., got 1$"),
        ("FP32", [[1.0], [2.0]], "another nesting"),
        ("FP32", [[[1.0, 2.0]]], "another nesting"),
        ("FP32", [[1.0, [2.0]]], "expected values of FP32"),
        ("FP32", [[1.0], 2.0], "another nesting"),
        ("FP32", ["1", "2"], "expected values of FP32"),
        ("FP32", [None, 1.0], "expected values of FP32"),
        ("FP32", [True, False], "expected values of FP32"),
        ("FP32", [10**400, 1], "expected values of FP32"),
        ("INT64", [10**30, 1], "expected values of INT64"),
        ("INT64", [1.0, 2.0], "expected values of INT64"),
        ("UINT8", [1, 256], "expected values of UINT8"),
        ("BOOL", [1, 0], "expected values of BOOL"),
        (BYTES, ["QQ=="], "expected 2 elements, got 1"),
        (BYTES, ["QQ==", 1], r"x\[1\]: expected a text in base64, got int"),
        (BYTES, ["QQ==", "?"], r"x\[1\]: expected base64"),
        (BYTES, ["QQ==", "data:,x"], r"x\[1\]: expected data:<type>;base64"),
    ],
)
def test_other_json_data_is_refused(datatype: str, data: list[Any], error: str) -> None:
    """Wrong number, nesting, type or range of values."""
    with pytest.raises(MalformedRequestError, match=error):
        decode_json("x", datatype, (1, 2), data)


def test_numbers_above_the_datatype_are_infinite() -> None:
    """As in the binary representation; the range of an input is checked later."""
    values = decode_json("x", "FP32", (1,), [1e300]).values

    assert np.isinf(np.asarray(values)).all()
