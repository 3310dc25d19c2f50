"""One cluster for all tests of this folder, and the figures that they print."""

from collections.abc import Callable, Iterator

import pytest

from tests.deploy.ray.cluster import TwoNodes, two_nodes


@pytest.fixture(scope="session")
def cluster() -> Iterator[TwoNodes]:
    """Return a cluster for all tests; the last ones kill a node."""
    with two_nodes() as one:
        yield one


@pytest.fixture
def show(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Return a function that prints a line of figures; Ray's own lines are left out."""

    def print_line(line: str) -> None:
        with capsys.disabled():
            print(f"\n{line}")  # noqa: T201

    return print_line
