"""The command ``digitserve layout PICTURE``."""

import json
from pathlib import Path

from PIL import Image

from tests.support.documents import sheet
from tests.support.pictures import encode
from tests.support.servers import run_to_the_end


def test_a_layout_is_proposed(tmp_path: Path) -> None:
    """JSON on stdout, with a name for each box."""
    form = tmp_path / "form.png"
    form.write_bytes(encode(sheet(["    ", "    "])))

    done = run_to_the_end("layout", str(form))

    assert (done.returncode, done.stderr) == (0, "")
    assert [box["name"] for box in json.loads(done.stdout)["boxes"]] == [
        f"r{row}c{column}" for row in (1, 2) for column in (1, 2, 3, 4)
    ]


def test_what_has_no_boxes_gets_one_line(tmp_path: Path) -> None:
    """An empty page, another file, no file."""
    page = tmp_path / "page.png"
    page.write_bytes(encode(Image.new("L", (200, 200), 255)))
    other = tmp_path / "other"
    other.write_bytes(b"text")

    for path, error in {
        page: "page: expected boxes, got none",
        other: "image: expected PNG",
        tmp_path / "none": "No such file",
    }.items():
        done = run_to_the_end("layout", str(path))
        assert (done.returncode, done.stdout) == (1, "")
        assert error in done.stderr
        assert done.stderr.count("\n") == 1
