"""The commands ``digitserve db``."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import update

from app.feedback.database.engine import connect_lazily
from app.feedback.database.store import FeedbackStore
from app.feedback.database.tables import PICTURES
from tests.app.feedback.pictures import labelled
from tests.support.databases import with_tables
from tests.support.pictures import as_bytes
from tests.support.servers import run_to_the_end


def fill(url: str) -> list[str]:
    """Store three pictures, one with its original; return their ids."""
    engine = connect_lazily(url, seconds=5)
    try:
        store = FeedbackStore(engine)
        given = [labelled(3, 10), labelled(None, 20), labelled(3, 30, original=as_bytes(40))]
        return [store.add(one).feedback.id for one in given]
    finally:
        engine.dispose()


def test_feedback_is_exported_by_label(database_url: str, tmp_path: Path) -> None:
    """Each picture is a PNG of 28x28 pixels in the folder of its label."""
    ids = fill(database_url)
    folder = tmp_path / "out"

    done = run_to_the_end("db", "export", str(folder), DIGITS_DATABASE_URL=database_url)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"exported: 3 pictures to {folder}\n"
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*"))
    assert names == sorted([f"3/{ids[0]}.png", f"none/{ids[1]}.png", f"3/{ids[2]}.png"])
    with Image.open(folder / "none" / f"{ids[1]}.png") as image:
        np.testing.assert_array_equal(np.asarray(image), np.full((28, 28), 20))


def test_originals_are_exported_if_asked_for(tmp_path: Path) -> None:
    """As they were sent; the others in 28x28 pixels."""
    url = with_tables(f"sqlite:///{tmp_path / 'feedback.db'}")
    ids = fill(url)

    run_to_the_end("db", "export", str(tmp_path / "out"), "--originals", DIGITS_DATABASE_URL=url)

    assert (tmp_path / "out" / "3" / f"{ids[2]}.png").read_bytes() == as_bytes(40)
    assert (tmp_path / "out" / "3" / f"{ids[0]}.png").exists()


def test_tables_are_created_and_old_feedback_is_purged(tmp_path: Path) -> None:
    """Each command says what it did."""
    url = f"sqlite:///{tmp_path / 'feedback.db'}"
    outputs = [run_to_the_end("db", "upgrade", DIGITS_DATABASE_URL=url).stdout for _ in range(2)]
    fill(url)
    engine = connect_lazily(url, seconds=5)
    with engine.begin() as connection:
        then = datetime.now(UTC) - timedelta(days=3)
        connection.execute(update(PICTURES).where(PICTURES.c.digit == 3).values(updated=then))
    engine.dispose()

    days = {"DIGITS_DATABASE_URL": url, "DIGITS_FEEDBACK_DAYS": "2"}
    outputs.append(run_to_the_end("db", "purge", **days).stdout)

    assert outputs == [
        "feedback tables: revision 0001\n",
        "feedback tables: revision 0001, as before\n",
        "deleted: 2\n",
    ]


@pytest.mark.parametrize(
    ("arguments", "url", "error"),
    [
        (["upgrade"], "", "db: expected the setting DIGITS_DATABASE_URL, got none"),
        (["upgrade"], "sqlite:////no/folder/x.db", "db upgrade: unable to open database file"),
        (["purge"], "sqlite:///:memory:", "db purge: expected DIGITS_FEEDBACK_DAYS, got none"),
        (["export", "."], "sqlite:///:memory:", "expected a new or an empty folder"),
    ],
)
def test_a_command_that_fails_has_one_line(arguments: list[str], url: str, error: str) -> None:
    """And exit code 1."""
    done = run_to_the_end("db", *arguments, DIGITS_DATABASE_URL=url)

    assert (done.returncode, done.stdout) == (1, "")
    assert error in done.stderr
    assert done.stderr.count("\n") == 1
