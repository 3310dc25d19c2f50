"""`.ci/run` and the GitHub workflow: what they run, and the last line of `.ci/run`."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.app.clients.exchanges import PACKAGES
from tests.conftest import WHOLE_SERVICE, is_measured

ROOT = Path(__file__).parent.parent

# Programs that tests need.
TOOLS = ["chromium", "npm", "promtool", "kubectl", "haproxy", "ip", "pg_ctlcluster"]
TOOLS += ["curl", "node", "javac", "go", "nc.openbsd"]

# Of those beside the HTTP clients, the packages that have another name.
OTHER_PACKAGES = {
    "promtool": "prometheus",
    "kubectl": "kubernetes-client",
    "ip": "iproute2",
    "pg_ctlcluster": "postgresql",
}


def write_program(path: Path, script: str = "") -> None:
    """Write a shell script in the place of a real program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository that has `.ci/run` alone; every program that it calls does nothing."""
    place = tmp_path / "repository"
    (place / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "run", place / ".ci")
    write_program(place / ".venv" / "bin" / "python")
    for name in ("dpkg", "apt-get", *TOOLS):
        write_program(tmp_path / "bin" / name)
    write_program(tmp_path / "bin" / "make", 'echo make "$@"')
    write_program(tmp_path / "bin" / "id", "echo 0")
    return place


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """Return the directory beside the repository with data and tools."""
    place = tmp_path / "shared"
    (place / "mnist").mkdir(parents=True)
    (place / "realworld").mkdir()
    write_program(place / "tools" / "docker_check.sh")
    return place


def run(repository: Path, path: str | None = None) -> list[str]:
    """Run `.ci/run` and return its output; ``path`` replaces the PATH."""
    environment = {name: value for name, value in os.environ.items() if name != "DIGITS_DATA"}
    programs = repository.parent / "bin"
    done = subprocess.run(
        [shutil.which("bash") or "bash", repository / ".ci" / "run"],
        env=environment | {"PATH": path or f"{programs}:{environment['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_with_everything_there_no_test_may_be_skipped(repository: Path, shared: Path) -> None:
    """Data, programs and the check of the image are there: pytest gets --no-skips."""
    lines = run(repository)

    assert "make test PYTEST_ARGS=--durations=10 --no-skips" in lines
    assert lines[-1] == "== all passed"


def test_without_the_shared_directory_the_last_line_says_so(repository: Path) -> None:
    """A clone alone runs the tests that it can, and names the rest and how to get it."""
    lines = run(repository)

    assert "make test PYTEST_ARGS=--durations=10" in lines
    assert lines[-1] == (
        "== passed, except for what was left out: "
        "tests on MNIST (.venv/bin/python -m training data --data DIR, then DIGITS_DATA=DIR); "
        "the image (no ../shared/tools/docker_check.sh; docker build . builds it)"
    )


def test_without_pictures_beside_mnist_the_last_line_says_so(
    repository: Path, shared: Path
) -> None:
    """Tests that need the pictures are skipped, which is not "all passed"."""
    (shared / "realworld").rmdir()

    last = run(repository)[-1]

    assert "tests on pictures of other sources (no directory realworld beside" in last


def test_without_the_client_of_kserve_the_last_line_says_so(
    repository: Path, shared: Path, tmp_path: Path
) -> None:
    """Where its environment cannot be made, the tests of that client are skipped."""
    write_program(tmp_path / "bin" / "make", '[ "$1" != kserve ]')

    last = run(repository)[-1]

    assert last.endswith("left out: tests with the client of KServe (make kserve)")


def test_without_the_generators_of_clients_the_last_line_says_so(
    repository: Path, shared: Path, tmp_path: Path
) -> None:
    """Where npm or pip cannot install them, the tests with generated clients are skipped."""
    write_program(tmp_path / "bin" / "make", '[ "$1" != generators ]')

    last = run(repository)[-1]

    assert last.endswith(
        "left out: tests with generated clients and the linters of OpenAPI (make generators)"
    )


def test_without_ray_the_last_line_says_so(repository: Path, shared: Path, tmp_path: Path) -> None:
    """Where its environment cannot be made, the tests on a cluster are left out."""
    write_program(tmp_path / "bin" / "make", '[ "$1" != .venv-scale/.installed ]')

    last = run(repository)[-1]

    assert last.endswith("left out: tests on a Ray cluster (make scale)")


def test_the_tests_on_a_ray_cluster_are_run(repository: Path, shared: Path) -> None:
    """They are not among those of `make test`."""
    assert "make scale" in run(repository)


def test_a_missing_program_is_named_where_it_cannot_be_installed(
    repository: Path, shared: Path, tmp_path: Path
) -> None:
    """Without root, nothing can be installed: the tests of the page are left out."""
    programs = tmp_path / "bin"
    write_program(programs / "id", "echo 1000")
    (programs / "chromium").unlink()
    for name in ("bash", "dirname", "realpath"):
        (programs / name).symlink_to(shutil.which(name) or "")

    last = run(repository, path=str(programs))[-1]

    assert last == (
        "== passed, except for what was left out: "
        "tests that need chromium (apt install chromium); the image (its check needs root)"
    )


@pytest.mark.parametrize(
    ("tool", "package"), (PACKAGES | OTHER_PACKAGES | {"haproxy": "haproxy"}).items()
)
def test_a_missing_program_is_installed_from_its_package(
    repository: Path, shared: Path, tmp_path: Path, tool: str, package: str
) -> None:
    """With root, the package that has the program is installed."""
    programs = tmp_path / "bin"
    (programs / tool).unlink()
    write_program(programs / "apt-get", f'echo "$@" >> "{tmp_path}/installed"')
    for name in ("bash", "dirname", "realpath"):
        (programs / name).symlink_to(shutil.which(name) or "")

    run(repository, path=str(programs))

    assert (tmp_path / "installed").read_text().split()[-1] == package


def test_the_workflow_runs_the_same_targets_with_read_permission() -> None:
    """The GitHub workflow runs `make check` and `make test`, and can write nothing."""
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    workflow: dict[str, Any] = yaml.safe_load(text)
    job = workflow["jobs"]["test"]

    assert workflow["permissions"] == {"contents": "read"}
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert [step["run"] for step in job["steps"] if "run" in step] == ["make check", "make test"]


def test_coverage_is_measured_in_tests_that_mirror_modules(request: pytest.FixtureRequest) -> None:
    """Not in tests of the whole service, as this one, nor in the processes that they start."""
    tests = ROOT / "tests"
    assert request.node.get_closest_marker("no_cover")
    assert "COVERAGE_PROCESS_CONFIG" not in os.environ
    assert is_measured(tests / "app" / "server" / "test_prefork.py")
    for prefix in WHOLE_SERVICE:
        found = [path for path in tests.glob(f"{prefix}*") if not is_measured(path / "x")]
        assert found, prefix
