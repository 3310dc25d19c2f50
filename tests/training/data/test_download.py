"""Downloads from failing mirrors: verified, atomic, with retries."""

import functools
import gzip
import os
import pty
import socket
import sys
import tracemalloc
from pathlib import Path

import httpx
import pytest
from numpy.testing import assert_array_equal

from tests.support.mirror import (
    Answer,
    body,
    broken_off,
    control_c,
    endless,
    redirect,
    serving,
    silent,
    status,
)
from tests.support.small_mnist import CONTENTS, SMALL_FILES
from training.data import download, load
from training.data.download import fetch
from training.data.idx import read_content
from training.data.mnist import FILES, find_file
from training.errors import DownloadError

FILE, OTHER_FILE = SMALL_FILES[0], SMALL_FILES[2]
GOOD, OTHER = gzip.compress(CONTENTS[0]), gzip.compress(CONTENTS[2])
TARGET = f"{FILE.name}.gz"

# As `fetch`, but it tries each mirror three times without waiting.
fetch_now = functools.partial(fetch, pauses=(0.0, 0.0))


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove proxy and terminal settings of the environment."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)


def test_a_file_is_fetched_as_the_mirror_has_it(tmp_path: Path) -> None:
    """The gzipped file is stored in the new directory, and nothing else."""
    directory = tmp_path / "new" / "mnist"

    with serving(body(GOOD)) as mirror:
        fetch_now([FILE], directory, mirrors=[mirror.url])

    assert mirror.requests == [f"/mnist/{TARGET}"]
    assert os.listdir(directory) == [TARGET]
    assert (directory / TARGET).read_bytes() == GOOD


def test_a_redirect_is_followed(tmp_path: Path) -> None:
    """A redirect to another address is followed."""
    with serving(body(GOOD)) as there, serving(redirect(f"{there.url}{TARGET}")) as here:
        fetch_now([FILE], tmp_path, mirrors=[here.url])

    assert (tmp_path / TARGET).read_bytes() == GOOD


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(status(429), id="429"),
        pytest.param(status(500), id="500"),
        pytest.param(status(503), id="503"),
        pytest.param(broken_off(GOOD), id="broken off"),
        pytest.param(silent, id="silent"),
    ],
)
def test_a_failure_that_may_pass_is_tried_again(tmp_path: Path, failure: Answer) -> None:
    """A mirror that recovers gives the file; the next mirror is not asked."""
    with serving(failure, failure, body(GOOD)) as mirror, serving(body(GOOD)) as spare:
        fetch_now(
            [FILE], tmp_path, mirrors=[mirror.url, spare.url], timeout=httpx.Timeout(5.0, read=0.2)
        )

    assert (len(mirror.requests), len(spare.requests)) == (3, 0)
    assert (tmp_path / TARGET).read_bytes() == GOOD


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(status(503), id="503"),
        pytest.param(broken_off(GOOD), id="broken off"),
        pytest.param(silent, id="silent"),
    ],
)
def test_after_the_last_try_comes_the_next_mirror(tmp_path: Path, failure: Answer) -> None:
    """A mirror that does not recover is retried once after each pause, then the next is asked."""
    with serving(failure) as mirror, serving(body(GOOD)) as spare:
        fetch_now(
            [FILE], tmp_path, mirrors=[mirror.url, spare.url], timeout=httpx.Timeout(5.0, read=0.2)
        )

    assert (len(mirror.requests), len(spare.requests)) == (3, 1)
    assert (tmp_path / TARGET).read_bytes() == GOOD


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(status(404), id="404"),
        pytest.param(body(b"<html>moved</html>"), id="a page"),
        pytest.param(body(b""), id="nothing"),
        pytest.param(body(os.urandom(2000)), id="noise"),
        pytest.param(body(CONTENTS[0]), id="not gzipped"),
        pytest.param(body(GOOD[:2000]), id="cut gzip"),
        pytest.param(body(GOOD[:50] + b"?" * 50), id="bad gzip"),
        pytest.param(body(GOOD + b"x" * 100), id="gzip with a tail"),
        pytest.param(body(OTHER), id="another file"),
        pytest.param(body(gzip.compress(CONTENTS[0][:-1] + b"x")), id="one byte changed"),
        pytest.param(body(gzip.compress(bytes(10**7))), id="gzip bomb"),
        pytest.param(endless, id="endless"),
    ],
)
def test_a_wrong_answer_leads_to_the_next_mirror_at_once(tmp_path: Path, answer: Answer) -> None:
    """A permanent failure is not retried."""
    with serving(answer) as mirror, serving(body(GOOD)) as spare:
        fetch_now([FILE], tmp_path, mirrors=[mirror.url, spare.url])

    assert (len(mirror.requests), len(spare.requests)) == (1, 1)
    assert (tmp_path / TARGET).read_bytes() == GOOD


def test_a_mirror_that_is_not_there_leads_to_the_next(tmp_path: Path) -> None:
    """A refused connection leads to the next mirror."""
    with socket.socket() as unused, serving(body(GOOD)) as spare:
        unused.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        fetch_now([FILE], tmp_path, mirrors=[nobody, spare.url])

    assert (tmp_path / TARGET).read_bytes() == GOOD


def test_an_endless_answer_is_not_read_to_its_end(tmp_path: Path) -> None:
    """Reading stops at the size of the decompressed file."""
    with serving(endless) as mirror, pytest.raises(DownloadError) as caught:
        fetch_now([FILE], tmp_path, mirrors=[mirror.url])

    assert f"{mirror.url}: expected at most {FILE.size} bytes, got more" in str(caught.value)


def test_a_gzip_bomb_does_not_fill_the_memory(tmp_path: Path) -> None:
    """Thirty megabytes compressed into thirty kilobytes are not decompressed."""
    bomb = gzip.compress(bytes(3 * 10**7))
    assert len(bomb) < FILE.size

    with serving(body(bomb)) as mirror:
        tracemalloc.start()
        try:
            with pytest.raises(DownloadError):
                fetch_now([FILE], tmp_path, mirrors=[mirror.url])
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak < 10**7


def test_when_all_mirrors_fail_the_error_says_how_and_what_to_do(tmp_path: Path) -> None:
    """The error has a line for each mirror and a hint; no file is left."""
    with (
        serving(status(404)) as first,
        serving(status(503)) as second,
        pytest.raises(DownloadError) as caught,
    ):
        fetch_now([FILE], tmp_path, mirrors=[first.url, second.url])

    assert str(caught.value).splitlines() == [
        f"{TARGET}: expected it from one of 2 mirrors, got",
        f"  {first.url}: status 404",
        f"  {second.url}: status 503",
        "Put the four MNIST files in a directory and name it with --data or DIGITS_DATA.",
    ]
    assert os.listdir(tmp_path) == []


def test_a_directory_that_nothing_came_into_is_removed(tmp_path: Path) -> None:
    """Created directories are removed after a failure; existing ones stay."""
    there = tmp_path / "there"
    there.mkdir()

    for directory in (there / "typo" / "mnist", there):
        with serving(status(404)) as mirror, pytest.raises(DownloadError):
            fetch_now([FILE], directory, mirrors=[mirror.url])
        assert os.listdir(there) == []


def test_the_files_before_a_failure_stay(tmp_path: Path) -> None:
    """Files downloaded before a failure are kept."""
    with serving(body(GOOD), status(404)) as mirror, pytest.raises(DownloadError, match="t10k"):
        fetch_now([FILE, OTHER_FILE], tmp_path, mirrors=[mirror.url])

    assert os.listdir(tmp_path) == [TARGET]


@pytest.mark.parametrize("answer", [broken_off(GOOD), body(OTHER), status(503)])
def test_a_failed_fetch_keeps_the_file_that_was_there(tmp_path: Path, answer: Answer) -> None:
    """After a failure the old file is unchanged, and there is no other file."""
    (tmp_path / TARGET).write_bytes(b"old")

    with serving(answer) as mirror, pytest.raises(DownloadError):
        fetch_now([FILE], tmp_path, mirrors=[mirror.url])

    assert os.listdir(tmp_path) == [TARGET]
    assert (tmp_path / TARGET).read_bytes() == b"old"


def test_control_c_amid_a_file_keeps_the_file_that_was_there(tmp_path: Path) -> None:
    """An interrupted download ends at once and leaves no partial file."""
    (tmp_path / TARGET).write_bytes(b"old")

    with serving(control_c(GOOD)) as mirror, pytest.raises(KeyboardInterrupt):
        fetch_now([FILE], tmp_path, mirrors=[mirror.url])

    assert os.listdir(tmp_path) == [TARGET]
    assert (tmp_path / TARGET).read_bytes() == b"old"


def test_control_c_amid_the_writing_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interruption before the final rename leaves no file."""

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with serving(body(GOOD)) as mirror, pytest.raises(KeyboardInterrupt):
        fetch_now([FILE], tmp_path, mirrors=[mirror.url])

    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_directory_that_cannot_be_written_is_refused_first(tmp_path: Path, name: str) -> None:
    """A directory that cannot be written is an error before any request."""
    (tmp_path / "file").touch()

    with serving(body(GOOD)) as mirror, pytest.raises(DownloadError) as caught:
        fetch_now([FILE], tmp_path / name, mirrors=[mirror.url])

    assert str(caught.value).startswith(f"{tmp_path / name}: expected a directory")
    assert mirror.requests == []


def test_a_file_that_cannot_be_replaced_is_named(tmp_path: Path) -> None:
    """A directory in place of the file is an error that names it."""
    (tmp_path / TARGET).mkdir()

    with serving(body(GOOD)) as mirror, pytest.raises(DownloadError, match=f"{TARGET}: expected"):
        fetch_now([FILE], tmp_path, mirrors=[mirror.url])

    assert os.listdir(tmp_path) == [TARGET]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:9"),
        ("ALL_PROXY", "pigeon://127.0.0.1:9"),
        ("SSL_CERT_FILE", "/nonexistent"),
    ],
)
def test_unusable_network_settings_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """An invalid proxy or certificate variable is an error without a traceback."""
    monkeypatch.setenv(variable, value)

    with pytest.raises(DownloadError, match="network settings: expected usable"):
        fetch_now([FILE], tmp_path)


def test_nothing_is_printed_without_a_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Without a terminal nothing is printed."""
    with serving(status(503), body(GOOD)) as mirror:
        fetch_now([FILE], tmp_path, mirrors=[mirror.url])

    assert capfd.readouterr() == ("", "")


def test_a_terminal_shows_the_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar on standard error names the file and its size."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    master, slave = pty.openpty()
    with os.fdopen(slave, "w") as terminal, serving(body(GOOD)) as mirror:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", terminal)
            fetch_now([FILE], tmp_path, mirrors=[mirror.url])
        os.set_blocking(master, False)
        shown = os.read(master, 100_000).decode()
    os.close(master)

    assert FILE.name in shown
    assert f"{len(GOOD) / 1000:.1f}" in shown


def test_only_what_is_missing_is_fetched(
    tmp_path: Path, mnist_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With three of the real files in place, only the fourth is downloaded."""
    *present, missing = FILES
    for file in present:
        path = find_file(mnist_dir, file)
        assert path is not None
        (tmp_path / path.name).symlink_to(path)
    source = find_file(mnist_dir, missing)
    assert source is not None
    content = read_content(source, limit=missing.size)

    with serving(body(gzip.compress(content))) as mirror:
        monkeypatch.setattr(download, "fetch", functools.partial(fetch, mirrors=[mirror.url]))
        mnist = load.load_mnist(tmp_path)

    assert mirror.requests == [f"/mnist/{missing.name}.gz"]
    assert_array_equal(mnist.test_labels, list(content[8:]))
