"""``digitserve predict --csv``: killed and run again, no picture twice, none lost, none half."""

import csv
import signal
import subprocess
import time
from functools import partial
from pathlib import Path

import pytest

from tests.support.commands import command, environment, run_command
from tests.support.pictures import as_bytes, encode, two
from tests.support.processes import state, wait_until
from tests.support.servers import run_to_the_end

COUNT = 1500


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of pictures, some of which the decoder process reads."""
    folder = tmp_path_factory.mktemp("pictures")
    small, large = as_bytes(), encode(two(90), "WEBP")
    for number in range(COUNT):
        content = large if number % 100 == 99 else small
        (folder / f"{number:05}.png").write_bytes(content)
    (folder / "00700.png").write_bytes(b"text")
    return folder


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_killed_run_goes_on(pictures: Path, tmp_path: Path, jobs: str) -> None:
    """SIGKILL at three places of the run; the table is then that of one run."""
    table = tmp_path / "table.csv"
    arguments: list[str | Path] = ["predict", pictures, "--csv", table, "--jobs", jobs]
    for share in (0.2, 0.5, 0.8):
        workers = _kill_at(arguments, table, rows=int(share * COUNT))
        wait_until(partial(_have_ended, workers))

    done = run_command(*arguments)

    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["file"] for row in rows] == [str(one) for one in sorted(pictures.iterdir())]
    assert {row["digit"] for row in rows} == {"2", ""}
    assert done.returncode == 3
    assert done.stderr.startswith(f"{COUNT} pictures (")
    assert f"{COUNT - 1} accepted, 0 abstained, 1 unreadable" in done.stderr


def _have_ended(processes: list[int]) -> bool:
    return not any(map(state, processes))


def _kill_at(arguments: list[str | Path], table: Path, *, rows: int) -> list[int]:
    """Kill a run with SIGKILL when the table has a number of rows; return its child processes."""
    process = subprocess.Popen(command(arguments), env=environment())
    end = time.monotonic() + 100
    while _rows(table) < rows:
        assert process.poll() is None, "it has ended before it could be killed"
        assert time.monotonic() < end
        time.sleep(0.001)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    process.send_signal(signal.SIGKILL)
    process.wait()
    return list(map(int, children))


def _rows(table: Path) -> int:
    return table.read_bytes().count(b"\n") if table.exists() else 0


def test_a_row_that_is_cut_off_is_written_again(tmp_path: Path) -> None:
    """Wherever the last row was cut off, the table is that of one run afterwards."""
    for number in range(3):
        (tmp_path / f'a,"{number}\n.png').write_bytes(as_bytes())
    table = tmp_path / "table.csv"
    run_command("predict", tmp_path, "--csv", table)
    whole = table.read_bytes()
    last = whole.rindex(b"\n", 0, -1)

    for end in (0, 20, last - 30, last + 1, last + 9, len(whole) - 1):
        table.write_bytes(whole[:end])
        run_command("predict", tmp_path, "--csv", table)
        assert table.read_bytes() == whole, end


def test_another_model_is_refused(tmp_path: Path) -> None:
    """A table has the answers of one model."""
    table = tmp_path / "table.csv"
    run_command("predict", "docs/two.png", "--csv", table)

    done = run_command("predict", "docs/images/phone.png", "--csv", table, "--model", "dnn")

    assert done.returncode == 2
    assert "expected rows of dnn:5, got rows of cnn:6" in done.stderr


def test_two_runs_cannot_write_one_table(pictures: Path, tmp_path: Path) -> None:
    """The second one ends with one line."""
    table = tmp_path / "table.csv"
    arguments: list[str | Path] = ["predict", pictures, "--csv", table]
    with subprocess.Popen(command(arguments), env=environment()) as first:
        wait_until(lambda: _rows(table) > 1, seconds=60)
        first.send_signal(signal.SIGSTOP)
        second = run_command(*arguments)
        first.send_signal(signal.SIGKILL)

    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr == f"digitserve: {table}: another process writes this file\n"


# Coverage of the process would also write a file.
UNMEASURED = "unset COVERAGE_PROCESS_CONFIG COVERAGE_PROCESS_START"


def test_a_full_disk_ends_the_run(pictures: Path, tmp_path: Path) -> None:
    """One line, and exit code 1; with more room, the run goes on."""
    table = tmp_path / "table.csv"
    arguments = ["predict", str(pictures), "--csv", str(table)]

    done = run_to_the_end(*arguments, launcher=f"{UNMEASURED}; ulimit -f 8; exec")
    again = run_command(*arguments)

    assert (done.returncode, done.stderr) == (
        1,
        f"digitserve: {table}: cannot be written: File too large\n",
    )
    assert (again.returncode, _rows(table)) == (3, COUNT + 1)
