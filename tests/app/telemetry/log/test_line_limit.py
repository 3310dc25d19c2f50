"""The limit on the lines of one kind."""

import pytest

from app.telemetry.log.line_limit import MAX_LINES_PER_SECOND, LineLimit


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return a list whose only number is the time."""
    now = [100.0]
    monkeypatch.setattr("app.telemetry.log.line_limit.monotonic", lambda: now[0])
    return now


@pytest.mark.usefixtures("clock")
def test_a_second_has_a_limited_number_of_lines() -> None:
    """The first lines of a second are admitted, the others left out."""
    limit = LineLimit()

    admitted = [limit.admit("kind") for _ in range(MAX_LINES_PER_SECOND + 3)]

    assert admitted == [0] * MAX_LINES_PER_SECOND + [None] * 3


def test_the_next_line_has_the_number_of_those_left_out(clock: list[float]) -> None:
    """The first line of a later second gets the number of lines left out, the next one 0."""
    limit = LineLimit()
    for _ in range(MAX_LINES_PER_SECOND + 3):
        limit.admit("kind")

    clock[0] += 1

    assert [limit.admit("kind") for _ in range(2)] == [3, 0]


@pytest.mark.usefixtures("clock")
def test_each_kind_has_its_own_limit() -> None:
    """Many lines of one kind leave out none of another."""
    limit = LineLimit()
    for _ in range(MAX_LINES_PER_SECOND + 3):
        limit.admit("kind")

    assert limit.admit("other") == 0


def test_the_number_of_kinds_in_memory_is_limited() -> None:
    """Kinds without end, such as texts with a number in them, do not fill the memory."""
    limit = LineLimit()
    for number in range(10_000):
        limit.admit(number)

    assert len(limit._seconds) <= 256
