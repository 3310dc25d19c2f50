"""Connections to the database: SQLite with a write-ahead log, or PostgreSQL with psycopg."""

import math
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.pool import QueuePool

# Execution option of transactions that write.
WRITES = "digitserve_writes"


def connect_lazily(url: str, *, seconds: float, connections: int = 1) -> Engine:
    """Create the engine of a database; it connects when it is first used.

    Units: ``seconds`` is the longest wait for a connection, for a lock and for a statement.
    """
    place = make_url(url)
    is_sqlite = place.get_backend_name() == "sqlite"
    if not is_sqlite:
        place = place.set(drivername="postgresql+psycopg")
    engine = create_engine(
        place,
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=seconds,
        pool_pre_ping=not is_sqlite,  # a server that was started again has closed the connections
        connect_args={"timeout": seconds} if is_sqlite else _postgresql_arguments(seconds),
    )
    if is_sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgresql_arguments(seconds: float) -> dict[str, Any]:
    """Return libpq's parameters that end a wait, whatever happens to server and network.

    Source: PostgreSQL, "Database Connection Control Functions"; it waits for a connection for at
    least two seconds.
    """
    milliseconds = max(1, math.ceil(seconds * 1000))
    return {
        "connect_timeout": max(2, math.ceil(seconds)),
        "tcp_user_timeout": milliseconds,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 2,
        "options": f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds}",
        "application_name": "digitserve",
    }


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Set up a new connection to SQLite.

    WAL lets others read while one writes. With ``secure_delete``, deleted pictures are overwritten.
    Source: SQLite, "PRAGMA Statements".
    """
    connection.isolation_level = None  # SQLAlchemy begins the transactions, see below
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}").fetchall()


def _begin_sqlite(connection: Any) -> None:
    """Begin a transaction; one that writes takes the lock at once, so that two cannot deadlock."""
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
