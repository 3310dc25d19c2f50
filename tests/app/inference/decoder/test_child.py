"""Decoder child: receiving of uploads."""

from unittest.mock import Mock

import pytest

from app.inference.decoder.child import _receive


def test_an_upload_is_received_in_pieces() -> None:
    """The pieces are joined; an end before the last byte gives nothing."""
    whole = Mock(recv=Mock(side_effect=[b"abc", b"de", b"f"]))
    cut = Mock(recv=Mock(side_effect=[b"abc", b""]))

    assert _receive(whole, 6) == b"abcdef"
    assert _receive(cut, 6) == b""


def test_an_upload_that_does_not_fit_into_the_memory_is_received_to_its_end() -> None:
    """Its last bytes would otherwise be taken for the next request."""
    connection = Mock(recv=Mock(side_effect=[b"abc", MemoryError, b"de", b"f"]))

    with pytest.raises(MemoryError):
        _receive(connection, 6)
    assert connection.recv.call_count == 4
