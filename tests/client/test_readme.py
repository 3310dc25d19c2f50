"""The examples of client/README.md, against a running service."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tests.support.pictures import as_bytes, two
from tests.support.servers import serve

CLIENT = Path(__file__).parents[2] / "client"
BLOCKS = re.findall(r"```python\n(.*?)```", (CLIENT / "README.md").read_text(), re.DOTALL)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Return a folder with the files that the examples name."""
    (tmp_path / "pictures").mkdir()
    for name in ("two.png", "pictures/a.png", "pictures/b.png"):
        (tmp_path / name).write_bytes(as_bytes())
    sheet = Image.new("L", (480, 120), 255)
    for left in range(20, 380, 60):
        ImageDraw.Draw(sheet).rectangle((left, 30, left + 60, 90), outline=0, width=2)
        sheet.paste(Image.eval(two(40), lambda value: 255 - value), (left + 10, 40))
    sheet.save(tmp_path / "form.png")
    return tmp_path


def test_every_example_runs(files: Path) -> None:
    """One after the other, as a program, with the address of the service."""
    program = "from digitserve_client import Prediction\n" + "\n".join(BLOCKS)
    with serve() as service:
        text = program.replace("http://127.0.0.1:8000", service.url)
        done = subprocess.run(
            [sys.executable, "-c", text],
            cwd=files,
            env=os.environ | {"PYTHONPATH": str(CLIENT)},
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 0, done.stderr
    assert len(BLOCKS) == 7
    lines = done.stdout.splitlines()
    assert lines[0].startswith("2 0.99")
    assert "['222222']" in lines
    assert [line for line in lines if line.startswith("pictures/")][:2] == [
        "pictures/a.png 2",
        "pictures/b.png 2",
    ]
    assert lines[-1].startswith("415 image: expected")
