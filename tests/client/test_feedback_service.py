"""Feedback, stored by a running service with SQLite."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from digitserve_client.problems import FeedbackOffError, UnknownFeedbackError
from tests.client.blocking import Connect
from tests.client.conftest import KEY
from tests.support.pictures import as_bytes
from tests.support.servers import Server, serve


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Server]:
    """Return a running service that stores feedback."""
    url = f"sqlite:///{tmp_path}/feedback.db"
    subprocess.run(
        [sys.executable, "-m", "app", "db", "upgrade"],
        env=os.environ | {"DIGITS_DATABASE_URL": url},
        check=True,
    )
    with serve(DIGITS_DATABASE_URL=url) as one:
        yield one


def test_feedback_goes_there_and_back(connect: Connect, database: Server) -> None:
    """It is stored once, listed, shown with its picture, and deleted."""
    with connect(database.url) as client:
        answer = client.predict(as_bytes())
        stored = client.send_feedback(3, request_id=answer.request_id, source="a test")
        again = client.send_feedback(3, image=as_bytes(), source="a test")
        listed = list(client.list_feedback(page_size=1))
        shown = client.feedback(stored.id)
        client.delete_feedback(stored.id)
        with pytest.raises(UnknownFeedbackError):
            client.feedback(stored.id)

    assert (stored.digit, stored.answer.digit, stored.answer.correct) == (3, 2, False)
    assert [one.id for one in listed] == [stored.id] == [again.id]
    assert shown.picture
    assert shown.picture.startswith("data:image/png;base64,")


def test_without_a_database_feedback_is_off(connect: Connect, service: Server) -> None:
    """The error says which setting is missing."""
    with (
        connect(service.url, api_key=KEY) as client,
        pytest.raises(FeedbackOffError, match="DIGITS_DATABASE_URL"),
    ):
        client.send_feedback(3, image=as_bytes())
