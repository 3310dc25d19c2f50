"""Tables of feedback: the pictures, each once, and all labels that they were given."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
)

METADATA = MetaData()

# SQLite counts up only a column of type INTEGER.
NUMBER = BigInteger().with_variant(Integer, "sqlite")


def _answer_columns() -> list[Column[object]]:
    """Return the columns of a label with the model's answer: in both tables."""
    return [
        Column("digit", SmallInteger),
        Column("source", String(200)),
        Column("model", String(255), nullable=False),
        Column("version", String(64), nullable=False),
        Column("model_sha256", String(64), nullable=False),
        Column("answered", SmallInteger, nullable=False),
        Column("accepted", Boolean, nullable=False),
        Column("confidence", Float, nullable=False),
    ]


# The picture, with its latest label. `sha256` is that of the pixels.
PICTURES = Table(
    "feedback_picture",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("pixels", LargeBinary, nullable=False),
    Column("original", LargeBinary),
    Column("request_id", String(128)),
    Column("created", DateTime(timezone=True), nullable=False),
    Column("updated", DateTime(timezone=True), nullable=False),
    *_answer_columns(),
    Index("feedback_picture_updated", "updated"),
    sqlite_autoincrement=True,  # no number is used again: a list can be continued after a deletion
)

# All labels of a picture, in the order in which they were given.
LABELS = Table(
    "feedback_label",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column(
        "picture",
        NUMBER,
        ForeignKey("feedback_picture.number", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("created", DateTime(timezone=True), nullable=False),
    *_answer_columns(),
    sqlite_autoincrement=True,
)
