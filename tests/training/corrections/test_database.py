"""The feedback in a database as a source of corrections."""

import sys
from pathlib import Path

import numpy as np
import pytest

from app.feedback.database.engine import connect_lazily
from app.feedback.database.store import FeedbackStore
from tests.app.feedback.pictures import labelled
from tests.support.databases import sqlite, with_tables
from tests.support.postgres import find_postgres, postgres
from training.corrections.database import read_database
from training.corrections.sources import read_corrections
from training.errors import CorrectionsError

NO_TEST_IMAGES = np.empty((0, 28, 28), np.uint8)


def add(url: str, *feedback: tuple[int | None, int]) -> None:
    """Store labels of grey pictures."""
    engine = connect_lazily(url, seconds=5)
    for digit, grey in feedback:
        FeedbackStore(engine).add(labelled(digit, grey))
    engine.dispose()


def test_the_latest_label_of_each_picture_is_read(tmp_path: Path) -> None:
    """Each picture once, in MNIST's form; a picture without a digit is `none`."""
    url = sqlite(tmp_path)
    add(url, (3, 10), (7, 20), (None, 30), (4, 10))

    rows = read_database(url)

    assert sorted((row.label, int(row.picture[0, 0])) for row in rows) == [
        (-1, 30),
        (4, 10),
        (7, 20),
    ]
    assert {row.picture.shape for row in rows} == {(28, 28)}
    assert all(row.source.startswith(f"{url}, feedback ") for row in rows)


def test_a_database_and_a_folder_are_joined(tmp_path: Path) -> None:
    """Two databases count as one set of pictures."""
    first, second = tmp_path / "first", tmp_path / "second"
    for place in (first, second):
        place.mkdir()
    urls = [sqlite(first), sqlite(second)]
    add(urls[0], (3, 10))
    add(urls[1], (3, 10), (1, 50))

    collected = read_corrections(urls, NO_TEST_IMAGES)

    assert collected.corrections.counts == {"1": 1, "3": 1}


def test_postgresql_is_read_too() -> None:
    """With the driver of the service."""
    programs = find_postgres()
    if programs is None:
        pytest.skip("needs PostgreSQL's programs: apt-get install postgresql")
    with postgres(programs) as server:
        url = with_tables(server.create("feedback"))
        add(url, (3, 10), (None, 30))

        labels = sorted(row.label for row in read_database(url))

    assert labels == [-1, 3]


def test_what_is_older_than_the_retention_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in an export."""
    url = sqlite(tmp_path)
    add(url, (3, 10))
    monkeypatch.setenv("DIGITS_FEEDBACK_DAYS", "1e-9")

    with pytest.raises(CorrectionsError, match=r"feedback\.db: expected feedback, got none"):
        read_database(url)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://me:secret@host/name", r"^mysql://me:\*\*\*@host/name: expected sqlite:///PATH"),
        ("sqlite:////no/such/feedback.db", "expected the file of a database, got none"),
        ("nonsense://[", "expected sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"),
        ("postgresql://me:secret@127.0.0.1:1/x", "expected the table of feedback, got: connection"),
    ],
)
def test_a_url_that_cannot_be_read_is_named_without_its_password(url: str, message: str) -> None:
    """Other databases, missing files, and servers that do not answer."""
    with pytest.raises(CorrectionsError, match=message) as caught:
        read_database(url)

    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_database_without_the_table_is_named(tmp_path: Path) -> None:
    """And the table is not created."""
    (tmp_path / "other.db").touch()

    with pytest.raises(CorrectionsError, match="expected the table of feedback, got: no such tabl"):
        read_database(f"sqlite:///{tmp_path}/other.db")


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line names the extra."""
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(CorrectionsError, match=r"pip install '\.\[feedback\]'\), got no psycopg"):
        read_database("sqlite:///feedback.db")
