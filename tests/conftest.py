"""Fixtures for all tests, and the option --no-skips."""

import os

# Networks this small are slower with more threads, and much slower on a busy machine; NumPy reads
# this when it is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import signal
import socket
from collections.abc import Generator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest

from training.data.mnist import Mnist, missing_files, read_mnist

ROOT = Path(__file__).parent.parent

# Ray is in an environment of its own: `make scale` runs its tests there.
collect_ignore = [] if find_spec("ray") else ["deploy/ray"]

# A time limit for each example would fail on a busy machine: 0.7 ms were 282 ms once.
hypothesis.settings.register_profile("no deadline", deadline=None)
hypothesis.settings.load_profile("no deadline")

# A background process of a script ignores SIGINT, and so do its children; several tests send it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Coverage is measured by the tests that mirror the modules. These send requests through the whole
# service, and tracing its processes and this one would take a third of their processor time.
WHOLE_SERVICE = (
    "app/clients/",
    "app/page/browser/",
    "app/robustness/",
    "app/test_",
    "deploy/",
    "test_",
    "training/test_learning_loop.py",
)
_TRACED = "COVERAGE_PROCESS_CONFIG"  # makes coverage start in a child process


def is_measured(path: Path) -> bool:
    """Return whether coverage is measured in the tests of a file."""
    return not path.relative_to(ROOT / "tests").as_posix().startswith(WHOLE_SERVICE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Switch coverage off in tests of the whole service."""
    for item in items:
        if not is_measured(item.path):
            item.add_marker("no_cover")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Start processes without coverage in tests of the whole service, and in their fixtures."""
    traced = None if is_measured(item.path) else os.environ.pop(_TRACED, None)
    try:
        return (yield)
    finally:
        if traced is not None:
            os.environ[_TRACED] = traced


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option --no-skips, for a CI that has everything the tests need."""
    parser.addoption("--no-skips", action="store_true", help="fail if any test was skipped")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run with --no-skips in which a test was skipped."""
    if hasattr(session.config, "workerinput"):  # a worker of pytest-xdist; the controller reports
        return
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--no-skips") and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def rng() -> np.random.Generator:
    """Return a random generator with a fixed seed."""
    return np.random.default_rng(2024)


@pytest.fixture(scope="session")
def mnist_dir() -> Path:
    """Return the directory of the real MNIST, or skip."""
    place = Path(os.environ.get("DIGITS_DATA") or ROOT.parent / "shared" / "mnist")
    if missing_files(place):
        pytest.skip(
            "needs MNIST: python -m training data --data DIR fetches it, then set DIGITS_DATA=DIR"
        )
    return place.resolve()


@pytest.fixture(scope="session")
def realworld_dir(mnist_dir: Path) -> Path:
    """Return the directory of real-world pictures beside MNIST's, or skip."""
    place = mnist_dir.parent / "realworld"
    if not place.is_dir():
        pytest.skip(f"needs pictures as {place}/<set>/<label>/<file>: see docs/how-it-sees.md")
    return place


@pytest.fixture(scope="session")
def mnist(mnist_dir: Path) -> Mnist:
    """Return the real MNIST."""
    return read_mnist(mnist_dir)


@pytest.fixture
def free_port() -> int:
    """Return a TCP port that is not in use."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
