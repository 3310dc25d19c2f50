"""Migrations of the tables."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect

from app.feedback.database.migrate import upgrade
from app.feedback.database.tables import METADATA


def test_the_migrations_lead_to_the_tables(engine: Engine) -> None:
    """Alembic finds no difference between the tables in the code and those in the database."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_a_second_upgrade_changes_nothing(engine: Engine) -> None:
    """The revisions before and after are the same."""
    before, after = upgrade(engine)

    assert before == after == "0001"
    assert {"feedback_picture", "feedback_label"} <= set(inspect(engine).get_table_names())
