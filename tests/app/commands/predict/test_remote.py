"""The command ``digitserve predict --url``."""

import csv
import json
from pathlib import Path

import pytest

from tests.support.commands import run_command
from tests.support.documents import sheet
from tests.support.pictures import as_bytes, encode, two
from tests.support.servers import Server, serve

KEY = "a-key-of-sixteen-characters"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of 200 pictures; one is a text, one is larger than a body of ``server``."""
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(200):
        (folder / f"{number:03}.png").write_bytes(as_bytes())
    (folder / "050.png").write_bytes(b"text")
    (folder / "100.png").write_bytes(as_bytes() + bytes(250_000))
    (folder / "150.png").write_bytes(encode(two(500)))
    return folder


def test_a_server_gives_the_answers_of_this_process(
    folder: Path, tmp_path: Path, default_server: Server
) -> None:
    """Offline and by a server the tables are the same, in order."""
    tables = tmp_path / "own.csv", tmp_path / "server.csv"

    codes = [
        run_command("predict", folder, "--csv", tables[0]).returncode,
        run_command("predict", folder, "--csv", tables[1], "--url", default_server.url).returncode,
    ]

    assert codes == [3, 3]
    assert tables[0].read_bytes() == tables[1].read_bytes()


def test_smaller_limits_of_the_server_are_met(folder: Path, server: Server) -> None:
    """A server that takes 4 pictures at once, and 200 kB; the picture over that is unreadable."""
    done = run_command("predict", folder, "--jsonl", "--url", server.url, "--jobs", "2")

    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert [Path(one["file"]).stem for one in documents] == [f"{n:03}" for n in range(200)]
    errors = {Path(one["file"]).stem: one["error"] for one in documents if "error" in one}
    assert {name: error["status"] for name, error in errors.items()} == {"050": 415, "100": 413}
    assert done.returncode == 3


def test_a_sheet_by_a_server(tmp_path: Path, default_server: Server) -> None:
    """The rows are those of the own process."""
    form = tmp_path / "form.png"
    form.write_bytes(encode(sheet(["2 ", " 2"])))
    tables = tmp_path / "own.csv", tmp_path / "server.csv"

    run_command("predict", form, "--sheets", "--csv", tables[0])
    run_command("predict", form, "--sheets", "--csv", tables[1], "--url", default_server.url)

    assert tables[0].read_bytes() == tables[1].read_bytes()
    assert len(list(csv.reader(tables[0].read_text().splitlines()))) == 5


@pytest.mark.parametrize(
    ("more", "error"),
    [
        (["--model", "x"], "404, model: expected cnn or cnn10 or dnn, got 'x'"),
        (["--model", "cnn:9"], "404, version of cnn: expected"),
        (["--sheets", "--layout", "x"], "400, layout: expected"),
    ],
)
def test_a_request_that_the_server_refuses(
    more: list[str], error: str, default_server: Server
) -> None:
    """Exit code 2 and one line with the server's reason."""
    done = run_command("predict", "docs/two.png", "--url", default_server.url, *more)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert error in done.stderr


def test_a_key_comes_from_the_environment() -> None:
    """Without it the server refuses the request."""
    with serve(DIGITS_API_KEYS=KEY) as server:
        without = run_command("predict", "docs/two.png", "--url", server.url)
        with_key = run_command(
            "predict", "docs/two.png", "--url", server.url, DIGITSERVE_API_KEY=KEY
        )

    assert (without.returncode, with_key.returncode) == (2, 0)
    assert "401" in without.stderr
