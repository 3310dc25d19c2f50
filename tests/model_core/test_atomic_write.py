"""Atomic writes: an interruption at any point leaves the old file."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from model_core.atomic_write import write_atomically


def test_a_file_is_written_and_replaced(tmp_path: Path) -> None:
    """The file has the new content, and the directory no other file."""
    path = tmp_path / "file"

    write_atomically(path, b"old")
    write_atomically(path, b"new")

    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_an_interrupted_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> None:
    """An error or Ctrl-C at each step leaves the old content and no other file."""
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(type(error)):
        write_atomically(path, b"new")

    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_a_killed_writer_leaves_a_whole_file(tmp_path: Path) -> None:
    """Kill -9 in the middle of a series of large writes leaves the whole content of one of them."""
    path = tmp_path / "file"
    program = (
        "import sys; from pathlib import Path; from model_core.atomic_write import *\n"
        "while True:\n"
        "    for letter in b'abc':\n"
        "        write_atomically(Path(sys.argv[1]), bytes([letter]) * 3_000_000)\n"
        "        print(letter, flush=True)"
    )
    for writes in (1, 2, 3, 5):
        command = [sys.executable, "-c", program, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            for _ in range(writes):
                assert writer.stdout
                assert writer.stdout.readline()
            writer.kill()  # during the next write, which follows at once

        content = path.read_bytes()
        assert writer.returncode == -signal.SIGKILL
        assert len(content) == 3_000_000
        assert content == content[:1] * 3_000_000
