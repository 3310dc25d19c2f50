"""The id of a request: the caller's if it is valid, else a random one."""

import pytest

from app.telemetry.request_id import HEADER, choose_request_id


@pytest.mark.parametrize("value", [b"a", b"A-b_c.9", b"x" * 128])
def test_a_valid_id_is_kept(value: bytes) -> None:
    """Up to 128 letters, digits, dots, dashes and underscores."""
    assert choose_request_id([(b"accept", b"*/*"), (HEADER, value)]) == value.decode()


@pytest.mark.parametrize("value", [b"", b"a b", b"a\nb", b"\xe9", b"x" * 129])
def test_any_other_is_replaced(value: bytes) -> None:
    """Nothing that could break a line of the log, or fill it, is taken over."""
    assert len(choose_request_id([(HEADER, value)])) == 32


def test_new_ids_differ() -> None:
    """128 random bits, as 32 hexadecimal digits."""
    ids = {choose_request_id([]) for _ in range(1000)}

    assert len(ids) == 1000
    assert {len(one) for one in ids} == {32}
