"""A write that is interrupted at any point leaves the old file."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from model_core.atomic_write import write_atomically


def test_a_file_is_written_and_replaced(tmp_path: Path) -> None:
    """The new content is there, and nothing else is left beside it."""
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
    """Kill -9 in the middle of many large writes: what is there is one of them, whole."""
    path = tmp_path / "file"
    path.write_bytes(b"a" * 3_000_000)
    program = (
        "import sys; from pathlib import Path; from model_core.atomic import write_atomically\n"
        "while True:\n"
        "    for letter in b'abc': write_atomically(Path(sys.argv[1]), bytes([letter]) * 3_000_000)"
    )
    for pause in (0.3, 0.33, 0.37, 0.4):
        writer = subprocess.Popen([sys.executable, "-c", program, str(path)])
        time.sleep(pause)
        writer.send_signal(signal.SIGKILL)
        writer.wait()

        content = path.read_bytes()
        assert len(content) == 3_000_000
        assert content == content[:1] * 3_000_000
