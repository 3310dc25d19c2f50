"""First tables: pictures and their labels.

A revision is never changed after a release: it says what the tables were then.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "feedback_picture",
        sa.Column("number", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        sa.Column("sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("pixels", sa.LargeBinary, nullable=False),
        sa.Column("original", sa.LargeBinary),
        sa.Column("request_id", sa.String(128)),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        *_answer_columns(),
        sqlite_autoincrement=True,
    )
    op.create_index("feedback_picture_updated", "feedback_picture", ["updated"])
    op.create_table(
        "feedback_label",
        sa.Column("number", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column(
            "picture",
            _NUMBER,
            sa.ForeignKey("feedback_picture.number", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        *_answer_columns(),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_feedback_label_picture", "feedback_label", ["picture"])


def downgrade() -> None:
    """Drop the tables, with all feedback."""
    op.drop_table("feedback_label")
    op.drop_table("feedback_picture")


def _answer_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("digit", sa.SmallInteger),
        sa.Column("source", sa.String(200)),
        sa.Column("model", sa.String(255), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("model_sha256", sa.String(64), nullable=False),
        sa.Column("answered", sa.SmallInteger, nullable=False),
        sa.Column("accepted", sa.Boolean, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
    ]
