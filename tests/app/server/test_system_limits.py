"""Limits of the system for the process."""

import resource
import sys

import pytest

from app.server import system_limits
from app.server.system_limits import SystemLimitError, check_system_limits, max_open_files


def set_limits(monkeypatch: pytest.MonkeyPatch, **limits: int) -> None:
    """Pretend that the limits with these names are lower."""
    numbers = {getattr(resource, name): limit for name, limit in limits.items()}
    real = resource.getrlimit
    monkeypatch.setattr(
        resource, "getrlimit", lambda kind: (numbers[kind], -1) if kind in numbers else real(kind)
    )


def test_the_limits_of_this_system_are_sufficient() -> None:
    """The limits under which the tests run raise no error."""
    check_system_limits()


def test_an_unlimited_number_is_sufficient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unlimited resources raise no error, and the number of open files is the largest integer."""
    unlimited = resource.RLIM_INFINITY
    set_limits(monkeypatch, RLIMIT_NOFILE=unlimited, RLIMIT_AS=unlimited)

    check_system_limits()
    assert max_open_files() == sys.maxsize


@pytest.mark.parametrize("name", ["RLIMIT_NOFILE", "RLIMIT_AS"])
def test_a_low_limit_is_an_error(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit that is too low raises an error with the expected and the actual value."""
    set_limits(monkeypatch, **{name: 10})

    with pytest.raises(SystemLimitError, match=r"\(ulimit -.\): expected at least \d+( kB)?, got"):
        check_system_limits()


def test_a_system_without_limits_is_sufficient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the module resource, as on Windows, there is no error."""
    monkeypatch.setattr(system_limits, "resource", None)

    check_system_limits()
