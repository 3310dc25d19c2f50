"""Errors as status codes."""

from typing import Any

import grpc
import numpy as np
import pytest

from app.errors import STATUS
from app.grpc.status import code_of
from tests.support.bombs import png
from tests.support.grpc_servers import infer_request, send_infer
from tests.support.pictures import as_bytes

FILES = {"name": "image_bytes", "datatype": "BYTES"}


def ask(address: str, **fields: Any) -> tuple[str, str]:
    """Send a request that is refused; return code and details."""
    with grpc.insecure_channel(address) as channel, pytest.raises(grpc.RpcError) as caught:
        send_infer(channel, infer_request(**fields))
    return caught.value.code().name, caught.value.details()


def files(*contents: bytes) -> dict[str, Any]:
    """Return the fields of a request with encoded images."""
    one = FILES | {"shape": [len(contents)], "contents": {"bytes_contents": contents}}
    return {"inputs": [one], "raw_input_contents": []}


ERRORS: dict[str, tuple[dict[str, Any], str, str]] = {
    "model": ({"model_name": "nope"}, "NOT_FOUND", "model: expected cnn"),
    "version": ({"model_version": "99"}, "NOT_FOUND", "expected"),
    "no input": ({"inputs": [], "raw_input_contents": []}, "INVALID_ARGUMENT", "exactly one of"),
    "range": (
        {"raw_input_contents": [np.full(196, 2, "<f4").tobytes()]},
        "INVALID_ARGUMENT",
        "image[0][0][0]: expected a number from 0 to 1",
    ),
    "no image": (files(as_bytes(), b"text"), "INVALID_ARGUMENT", "image_bytes[1]: "),
    "broken image": (files(as_bytes()[:-30]), "INVALID_ARGUMENT", "image_bytes[0]: "),
    "pixels": (files(png()), "RESOURCE_EXHAUSTED", "image_bytes[0]: "),
    "bytes": ({"raw_input_contents": [bytes(300_000)]}, "RESOURCE_EXHAUSTED", "larger than max"),
    "long name": ({"model_name": "\u20ac" * 20_000}, "NOT_FOUND", "model: expected cnn"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors_are_status_codes(address: str, case: str) -> None:
    """Each error has its code, and our message as details."""
    fields, code, details = ERRORS[case]

    answered, message = ask(address, **fields)

    assert (answered, details in message) == (code, True), message


def test_all_errors_have_a_code() -> None:
    """No error of the service is without a status code."""
    assert all(code_of(error("x")) for error in STATUS)
