"""Environment of Alembic: it runs the revisions in the connection that it is given."""

from alembic import context

from app.feedback.database.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite changes a table by a copy
)
with context.begin_transaction():
    context.run_migrations()
