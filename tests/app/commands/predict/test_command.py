"""The command ``digitserve predict``, offline."""

import csv
import json
import os
import pty
import re
import signal
import subprocess
import termios
from pathlib import Path

import pytest
from PIL import Image

from tests.app.conftest import Client
from tests.support.commands import command, environment, run_command
from tests.support.documents import sheet
from tests.support.pictures import as_bytes, encode, two
from tests.support.processes import wait_until
from tests.support.servers import run_to_the_end

BLANK = encode(Image.new("L", (28, 28), 255))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a two, a large two, a blank picture and a text, and others."""
    files = {
        "a.png": as_bytes(),
        "b.jpg": encode(two(400), "JPEG"),
        "c.PNG": BLANK,
        "more/d.png": b"text",
        ".hidden.png": as_bytes(),
        "notes.txt": b"text",
    }
    root = tmp_path / "pictures"
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def test_a_picture_gets_one_line() -> None:
    """The digit and its probability on standard output, the summary on standard error."""
    done = run_command("predict", "docs/two.png")

    assert (done.returncode, done.stdout) == (0, "docs/two.png: 2 (100.0%)\n")
    assert done.stderr.startswith("1 picture: 1 accepted, 0 abstained, 0 unreadable; ")


def test_a_folder_is_read_in_order(folder: Path) -> None:
    """Pictures of a folder by name, then of its subfolders; unreadable ones give exit code 3."""
    done = run_command("predict", folder, "--jsonl")

    documents = [json.loads(line) for line in done.stdout.splitlines()]
    names = [str(folder / name) for name in ("a.png", "b.jpg", "c.PNG", "more/d.png")]
    assert [one["file"] for one in documents] == names
    assert [one.get("decision") for one in documents] == ["accept", "accept", "abstain", None]
    assert documents[3]["error"]["detail"].startswith("image: expected PNG, JPEG")
    assert done.returncode == 3
    assert done.stderr.startswith("4 pictures: 2 accepted, 1 abstained (1 blank), 1 unreadable; ")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_answers_are_those_of_the_service(folder: Path, client: Client, jobs: str) -> None:
    """Each line of JSON is the service's document, without a request id."""
    done = run_command("predict", folder, "--jsonl", "--model", "dnn", "--jobs", jobs)

    for line in done.stdout.splitlines():
        document = json.loads(line)
        content = Path(document.pop("file")).read_bytes()
        expected = client.post("/v1/predictions?model=dnn", content=content).json()
        expected.pop("request_id")
        if "error" in document:
            assert {**document["error"], "error": document["error"]["detail"]} == expected
        else:
            probabilities = pytest.approx(expected.pop("probabilities"), abs=1e-5)
            assert document.pop("probabilities") == probabilities
            assert document.pop("confidence") == pytest.approx(expected.pop("confidence"), abs=1e-5)
            assert document == expected


def test_json_is_one_document(folder: Path) -> None:
    """An object for one picture, here of standard input, else an array."""
    one = run_command("predict", "-", "--json", stdin=as_bytes())
    several = run_command("predict", folder / "a.png", folder, "--json")

    assert json.loads(one.stdout)["digit"] == 2
    assert [item["file"][-5:] for item in json.loads(several.stdout)][:3] == [
        "a.png",
        "a.png",
        "b.jpg",
    ]


def test_a_pattern_names_pictures(folder: Path) -> None:
    """A quoted pattern, also of subfolders; a name with its characters is itself."""
    (folder / "[a].png").write_bytes(as_bytes())

    found = run_command("predict", folder / "**" / "*.png", folder / "[a].png")

    names = [line.partition(": ")[0].rpartition("/")[2] for line in found.stdout.splitlines()]
    assert names == ["[a].png", "a.png", "d.png", "[a].png"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["none.png"], "none.png: expected a picture, folder or pattern, got none"),
        (["docs/two.png", "--model", "x"], "model: expected cnn or cnn10 or dnn, got 'x'"),
        (["docs/two.png", "--model", "cnn:9"], "version of cnn: expected"),
        (["app/grpc"], "app/grpc: expected pictures, got none"),
        (["docs/two.png", "--layout", "x"], "--layout: expected it with --sheets"),
        (["docs/two.png", "--sheets", "--layout", "x"], "layout: expected JSON, because"),
        (["docs/two.png", "--csv", "docs/two.png"], "expected a table of this command"),
        (["docs/two.png", "--url", "x"], "--url x: "),
    ],
)
def test_wrong_arguments_get_one_line(arguments: list[str], error: str) -> None:
    """Exit code 2, and what was expected; no file is changed."""
    before = Path("docs/two.png").read_bytes()

    done = run_command("predict", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert error in done.stderr
    assert done.stderr.count("\n") == 1
    assert Path("docs/two.png").read_bytes() == before


@pytest.mark.parametrize("arguments", [["predict"], ["predict", "x", "--jobs", "0"], ["other"]])
def test_the_parser_refuses_other_arguments(arguments: list[str]) -> None:
    """With exit code 2, as every command of argparse."""
    done = run_command(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: digitserve" in done.stderr


def test_a_model_that_cannot_be_loaded_gets_one_line(tmp_path: Path) -> None:
    """Exit code 1, with one process and with two."""
    (tmp_path / "cnn.safetensors").write_bytes(b"x")

    for jobs in ("1", "2"):
        done = run_command(
            "predict", "docs/two.png", "--jobs", jobs, DIGITS_WEIGHTS_DIR=str(tmp_path)
        )
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
        assert "cnn.safetensors" in done.stderr


def test_files_that_cannot_be_read_are_named(folder: Path) -> None:
    """A link to nothing, a folder that is named like a picture, and a file over the limit."""
    (folder / "link.png").symlink_to(folder / "none")
    (folder / "large.png").write_bytes(bytes(20_000))

    done = run_command("predict", folder, DIGITS_MAX_BODY_BYTES="10000")

    lines = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert lines[f"{folder}/link.png"].endswith("got: No such file or directory")
    assert lines[f"{folder}/large.png"].endswith("file: expected at most 10000 bytes, got more")


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    """The output has the bytes of a file's name, as the system has them."""
    name = os.fsencode(tmp_path) + b"/\xff.png"
    with open(name, "wb") as file:
        file.write(as_bytes())

    table = tmp_path / "table.csv"
    for _ in range(2):
        done = subprocess.run(
            command(["predict", str(tmp_path), "--csv", str(table)]),
            env=environment(), capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0

    assert table.read_bytes().splitlines()[1:] == [name + b",2,1.0,accept,,cnn:6,"]


def test_sheets_have_a_row_for_each_box(tmp_path: Path) -> None:
    """With page, row, column and the name in the layout; a CSV, resumable, and the summary."""
    form, layout, table = (tmp_path / name for name in ("form.png", "form.json", "form.csv"))
    form.write_bytes(encode(sheet(["2 ", " 2"])))
    layout.write_text(run_to_the_end("layout", str(form)).stdout)
    arguments = ("predict", form, "--sheets", "--layout", layout, "--csv", table)

    done = run_command(*arguments)
    first = table.read_bytes()
    again = run_command(*arguments)

    rows = list(csv.DictReader(first.decode().splitlines()))
    assert [(row["page"], row["name"], row["digit"]) for row in rows] == [
        ("1", "r1c1", "2"),
        ("1", "r1c2", ""),
        ("1", "r2c1", ""),
        ("1", "r2c2", "2"),
    ]
    assert done.stderr.startswith("4 boxes of 1 sheet: 2 accepted, 2 abstained (2 blank)")
    assert (again.returncode, table.read_bytes()) == (0, first)


def test_a_closed_output_ends_the_command() -> None:
    """As with `| head`: no traceback, and no second line."""
    line = f"{' '.join(command(['predict', 'docs', '--jsonl']))} | head -1"
    done = subprocess.run(
        line, shell=True, env=environment(), capture_output=True, text=True, check=False
    )

    assert done.stdout.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_ctrl_c_ends_the_command(tmp_path: Path) -> None:
    """Exit code 130 and one line; the workers end, too."""
    for number in range(2000):
        (tmp_path / f"{number}.png").write_bytes(as_bytes())
    table = tmp_path / "table.csv"
    process = subprocess.Popen(
        command(["predict", tmp_path, "--csv", table, "--jobs", "2"]),
        env=environment(), stderr=subprocess.PIPE, text=True, process_group=0,
    )  # fmt: skip
    with process:
        wait_until(lambda: table.exists() and table.stat().st_size > 1000, seconds=60)
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=60)

    assert (process.returncode, errors) == (130, "digitserve: interrupted\n")


def test_a_terminal_shows_the_progress() -> None:
    """A progress bar on standard error, with the number of files, only if that is a terminal."""
    leader, follower = pty.openpty()
    termios.tcsetwinsize(follower, (24, 80))
    process = subprocess.Popen(
        command(["predict", "docs"]),
        env=environment(), stdout=subprocess.DEVNULL, stderr=follower,
    )  # fmt: skip
    os.close(follower)
    shown = b""
    try:
        while piece := os.read(leader, 4096):
            shown += piece
    except OSError:  # the terminal is closed
        pass
    os.close(leader)

    assert process.wait(timeout=60) == 0
    assert re.search(rb"/\d+ \[", shown)
    assert "files" not in run_command("predict", "docs/two.png").stderr.partition(";")[0]


def test_ray_is_asked_for_only_when_it_is_named(tmp_path: Path) -> None:
    """Without the package, one line says how to install it."""
    done = run_command("predict", "docs/two.png", "--ray", "127.0.0.1:1")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "digitserve: --ray: expected Ray, got no such package; "
        "install it: pip install 'ray[data]'\n"
    )
