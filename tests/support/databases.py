"""Databases of feedback for tests: SQLite files and PostgreSQL databases with the tables."""

from pathlib import Path

from app.feedback.database.engine import connect_lazily
from app.feedback.database.migrate import upgrade


def with_tables(url: str) -> str:
    """Create the tables in a database; return its URL."""
    engine = connect_lazily(url, seconds=30)
    try:
        upgrade(engine)
    finally:
        engine.dispose()
    return url


def sqlite(directory: Path) -> str:
    """Create an SQLite database with the tables; return its URL."""
    return with_tables(f"sqlite:///{directory / 'feedback.db'}")
