"""What `.ci/run` says at the end."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("has_check", [False, True])
def test_the_last_line_names_what_was_left_out(tmp_path: Path, has_check: bool) -> None:
    """Where the image cannot be built, it is not "all" that passed."""
    repository = tmp_path / "repository"
    (repository / ".venv" / "bin").mkdir(parents=True)
    (repository / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", repository / ".ci")
    programs = [repository / ".venv" / "bin" / "python"]
    programs += [tmp_path / "bin" / name for name in ("make", "dpkg", "apt-get")]
    if has_check:
        programs.append(tmp_path / "shared" / "tools" / "docker_check.sh")
    for program in programs:
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    (tmp_path / "bin" / "id").write_text("#!/bin/sh\necho 0\n")
    (tmp_path / "bin" / "id").chmod(0o755)

    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    done = subprocess.run(
        [repository / ".ci" / "run"],
        env=os.environ | {"PATH": path, "DIGITS_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    left_out = "passed, but for the image, which was left out: no ../shared/tools/docker_check.sh"
    assert done.stdout.splitlines()[-1] == f"== {'all passed' if has_check else left_out}"
