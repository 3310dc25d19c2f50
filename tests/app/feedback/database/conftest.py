"""Fixtures of the database: a store in SQLite, and one in PostgreSQL."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from app.feedback.database.engine import connect_lazily


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Return the engine of a database with the tables."""
    one = connect_lazily(database_url, seconds=5, connections=2)
    yield one
    one.dispose()
