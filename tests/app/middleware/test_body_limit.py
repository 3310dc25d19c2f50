"""Body limits: when the bodies together were large and are small again."""

import pytest

from app.errors import TooBusyError
from app.middleware.body_limit import BodyLimit


def test_the_end_of_many_large_bodies_is_told_once() -> None:
    """The callback is called when they are gone, not for small bodies before and after."""
    calls: list[int] = []
    limit = BodyLimit(max_bytes=20_000_000, max_total_bytes=256_000_000)
    limit.on_drained = lambda: calls.append(limit.total_bytes)
    for size in (500_000, 20_000_000, 20_000_000):
        limit.take(size)
    for size in (20_000_000, 20_000_000, 500_000):
        limit.release(size)
    limit.take(500_000)
    limit.release(500_000)

    assert calls == [500_000]


def test_more_bytes_than_the_total_are_refused() -> None:
    """The bytes of a refused body count until it is released."""
    limit = BodyLimit(max_bytes=10, max_total_bytes=15)
    limit.take(10)
    with pytest.raises(TooBusyError, match="expected at most 15 bytes of request bodies"):
        limit.take(10)
    limit.release(10)
    limit.release(10)

    assert limit.total_bytes == 0
