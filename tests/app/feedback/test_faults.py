"""Faults of the database: predictions go on, and feedback is answered with 503."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import event

from tests.app.conftest import Client
from tests.app.feedback.traffic import PNG, Traffic, give, give_until, predictions
from tests.support.databases import sqlite, with_tables
from tests.support.postgres import Postgres, find_postgres, postgres
from tests.support.servers import Server, serve

# Seconds in which a request of feedback is answered, whatever the database does.
DATABASE_SECONDS = 1.0
LIMIT = 20.0  # the machine may be busy


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """Return a PostgreSQL server that the test may stop, or skip."""
    programs = find_postgres()
    if programs is None:
        pytest.skip("needs PostgreSQL: apt install postgresql")
    with postgres(programs) as server:
        yield server


@contextmanager
def service(url: str, **environment: str) -> Iterator[Server]:
    """Run a service with a database, and no log of requests."""
    variables = {
        "DIGITS_DATABASE_URL": url,
        "DIGITS_DATABASE_SECONDS": str(DATABASE_SECONDS),
        "DIGITS_ACCESS_LOG": "0",
    }
    with serve(**variables | environment) as server:
        yield server


def refused(url: str, *details: str) -> None:
    """Check that feedback gets 503 with Retry-After, in time."""
    began = time.monotonic()
    answer = give(url, 1)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["type"] == "urn:digitserve:problem:database"
    assert any(detail in answer.json()["detail"] for detail in details)
    assert time.monotonic() - began < LIMIT


def all_answered(traffic: Traffic, *, since: int) -> bool:
    """Return whether there were many predictions since a moment, and all succeeded."""
    later = traffic.statuses[since:]
    return len(later) > 20 and set(later) == {200}


def wait_for_more(traffic: Traffic, count: int = 50) -> None:
    """Wait until some more predictions are answered."""
    goal, end = len(traffic.statuses) + count, time.monotonic() + 60
    while len(traffic.statuses) < goal and time.monotonic() < end:
        time.sleep(0.01)


def test_predictions_go_on_while_postgresql_is_stopped(own_postgres: Postgres) -> None:
    """Feedback is refused until it runs again; the same service then stores it."""
    url = with_tables(own_postgres.create("feedback"))
    with service(url) as server, predictions(server.url) as traffic:
        assert give(server.url, 2).status_code == 202
        own_postgres.stop()
        since = len(traffic.statuses)
        refused(server.url, "expected a connection to the database, got none")
        wait_for_more(traffic)
        own_postgres.start()
        give_until(server.url, 202)
        assert all_answered(traffic, since=since)

    log = "".join(server.log)
    assert log.count("feedback cannot be stored") == 1
    assert log.count("feedback can be stored again") == 1


def test_predictions_go_on_while_postgresql_is_silent(own_postgres: Postgres) -> None:
    """Its processes are stopped: every statement hangs, and more requests than threads wait."""
    url = with_tables(own_postgres.create("feedback"))
    with service(url) as server, predictions(server.url) as traffic:
        assert give(server.url, 2).status_code == 202
        own_postgres.freeze(frozen=True)
        try:
            since = len(traffic.statuses)
            for _ in range(4):
                refused(server.url, "expected an answer of the database in time, got none")
            assert all_answered(traffic, since=since)
        finally:
            own_postgres.freeze(frozen=False)
        give_until(server.url, 202)


def test_a_lock_in_postgresql_delays_no_prediction(own_postgres: Postgres) -> None:
    """Another client holds the table; feedback is refused until it lets go."""
    url = with_tables(own_postgres.create("feedback"))
    holder = "BEGIN; LOCK feedback_picture; SELECT 'locked'; SELECT pg_sleep(120)"
    with service(url) as server, predictions(server.url) as traffic:
        with client_of(own_postgres, holder):
            since = len(traffic.statuses)
            refused(server.url, "expected")
            wait_for_more(traffic)
            assert all_answered(traffic, since=since)
        give_until(server.url, 202)


@contextmanager
def client_of(server: Postgres, statements: str) -> Iterator[None]:
    """Run statements in another process until the end of the block; wait for their lock."""
    code = f"import psycopg; psycopg.connect({server.url('feedback')!r}).execute({statements!r})"
    process = subprocess.Popen([sys.executable, "-c", code])
    query = "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted"
    try:
        end = time.monotonic() + 30
        while server.psql(query, "feedback").strip() == "0" and time.monotonic() < end:
            time.sleep(0.05)
        yield
    finally:
        process.kill()
        process.wait()
        sleeping = "query ~ 'pg_sleep' AND pid <> pg_backend_pid()"
        server.psql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {sleeping}")


LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


def test_a_lock_of_another_process_on_sqlite_delays_no_prediction(tmp_path: Path) -> None:
    """Feedback is refused until the other process lets go."""
    url = sqlite(tmp_path)
    command = [sys.executable, "-c", LOCK, str(tmp_path / "feedback.db")]
    with service(url) as server, predictions(server.url) as traffic:
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == "locked\n"
            since = len(traffic.statuses)
            # on a busy machine, the time for an answer can end before SQLite has given up
            refused(
                server.url,
                "expected the database to be free, got the lock of another process",
                "expected an answer of the database in time, got none",
            )
            wait_for_more(traffic)
            assert all_answered(traffic, since=since)
            other.kill()
        give_until(server.url, 202)


def test_a_full_disk_refuses_feedback_only(tmp_path: Path) -> None:
    """The size of files is limited to what the database has: it cannot grow."""
    url = sqlite(tmp_path)
    with (
        serve(
            launcher="ulimit -f 200; exec",
            DIGITS_DATABASE_URL=url,
            DIGITS_KEEP_ORIGINALS="true",
        ) as server,
        predictions(server.url) as traffic,
    ):
        statuses: list[int] = []
        while 503 not in statuses and len(statuses) < 200:
            statuses.append(give(server.url, 2, size=300 + len(statuses)).status_code)
        wait_for_more(traffic)
        shown = httpx.get(f"{server.url}/v1/feedback").status_code

    assert statuses[0] == 202
    assert statuses[-1] == 503
    assert set(traffic.statuses) == {200}
    assert shown == 200


@pytest.fixture
def in_process(
    connect: Callable[..., Client], tmp_path: Path
) -> Callable[[str], tuple[Client, Any]]:
    """Return a function: a client of a service with a database at a URL, and its engine."""

    def create(url: str) -> tuple[Client, Any]:
        client = connect(database_url=SecretStr(url))
        return client, client.app.services.feedback._engine  # type: ignore[union-attr]

    return create


def test_a_database_without_space_is_told_apart(
    in_process: Callable[[str], tuple[Client, Any]], tmp_path: Path
) -> None:
    """SQLite reports it by its own limit of pages, as for a full disk; what is there is shown."""
    client, engine = in_process(sqlite(tmp_path))
    with sqlite3.connect(tmp_path / "feedback.db") as plain:
        [pages] = plain.execute("PRAGMA page_count").fetchone()
    event.listen(
        engine, "connect", lambda one, _: one.execute(f"PRAGMA max_page_count={pages}").fetchall()
    )

    answers = [
        client.post("/v1/feedback", files={"image": PNG, "digit": (None, str(digit))})
        for digit in range(10)
    ] + [
        client.post(
            "/v1/feedback",
            files={"image": PNG, "digit": (None, str(n % 10)), "source": (None, "x" * 200)},
        )
        for n in range(60)
    ]

    assert answers[0].status_code == 202
    assert answers[-1].status_code == 503
    assert "expected space in the database" in answers[-1].json()["detail"]
    assert client.get("/v1/feedback").status_code == 200
    assert 'digitserve_feedback_faults_total{fault="full"}' in client.get("/metrics").text


def test_without_tables_the_answer_names_the_command(
    in_process: Callable[[str], tuple[Client, Any]], tmp_path: Path
) -> None:
    """503, as it is for the operator of the service to correct."""
    client, _ = in_process(f"sqlite:///{tmp_path / 'new.db'}")

    answer = client.post("/v1/feedback", files={"image": PNG, "digit": (None, "2")})

    assert answer.status_code == 503
    assert "run python -m app db upgrade" in answer.json()["detail"]


@pytest.mark.parametrize(
    "url", ["sqlite:////no/such/folder/feedback.db", "postgresql://127.0.0.1:9/digits"]
)
def test_a_database_that_cannot_be_reached_is_gone(
    in_process: Callable[[str], tuple[Client, Any]], url: str
) -> None:
    """A folder that is not there, a port on which nothing listens; predictions are answered."""
    client, _ = in_process(url)

    answer = client.post("/v1/feedback", files={"image": PNG, "digit": (None, "2")})

    assert answer.status_code == 503
    assert "expected a connection to the database" in answer.json()["detail"]
    assert client.post("/v1/predictions", content=PNG).status_code == 200
