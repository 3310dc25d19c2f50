"""Store of feedback: its statements, each in a transaction of its own, called in threads."""

import hashlib
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.feedback.database.engine import WRITES
from app.feedback.database.rows import answer_values, feedback_of, given_label_of
from app.feedback.database.tables import LABELS, PICTURES
from app.feedback.types import Added, LabelledPicture, StoredFeedback

# Rows that an export holds in memory.
_EXPORTED_AT_ONCE = 500

# Originals can be large: only the statements that need them read them.
_COLUMNS = [
    *(column for column in PICTURES.c if column.name != "original"),
    PICTURES.c.original.is_not(None).label("has_original"),
]


class FeedbackStore:
    """Feedback in a database; the methods block, and raise SQLAlchemyError if it fails.

    ``days`` is how long feedback is kept after its last label; None keeps it until it is deleted.
    """

    def __init__(self, engine: Engine, *, days: float | None = None) -> None:
        self._reads = engine
        self._writes = engine.execution_options(**{WRITES: True})
        self._days = days

    def add(self, picture: LabelledPicture) -> Added:
        """Store a picture, or replace the label that it has, and return it as it is stored."""
        try:
            return self._add(picture)
        except IntegrityError:  # another process has stored the same picture at this moment
            return self._add(picture)

    def get(self, feedback_id: str) -> StoredFeedback | None:
        """Return feedback with the history of its labels and its original, or None."""
        with self._reads.begin() as connection:
            query = select(*_COLUMNS, PICTURES.c.original).where(PICTURES.c.id == feedback_id)
            row = connection.execute(self._unexpired(query)).one_or_none()
            return None if row is None else feedback_of(row, _history(connection, row))

    def page(self, after: int, limit: int) -> list[StoredFeedback]:
        """Return feedback with numbers above ``after``, in order, without history and originals."""
        query = select(*_COLUMNS).where(PICTURES.c.number > after)
        query = self._unexpired(query).order_by(PICTURES.c.number).limit(limit)
        with self._reads.begin() as connection:
            return [feedback_of(row) for row in connection.execute(query)]

    def all(self, *, with_originals: bool = False) -> Iterator[StoredFeedback]:
        """Yield all feedback, for an export; with originals, one row at a time."""
        limit = 1 if with_originals else _EXPORTED_AT_ONCE
        after = 0
        while rows := self.page(after, limit):
            for row in rows:
                stored = self.get(row.id) if with_originals and row.has_original else row
                if stored is not None:
                    yield stored
            after = rows[-1].number

    def delete(self, feedback_id: str) -> bool:
        """Delete feedback and its history; return whether there was any."""
        with self._writes.begin() as connection:
            where = PICTURES.c.id == feedback_id
            return self._delete(connection, where) > 0

    def purge(self) -> int:
        """Delete all feedback that is older than ``days``; return how much.

        Without ``days`` it only reads, which shows whether the database can be used.
        """
        if self._days is None:
            self.page(0, 1)
            return 0
        with self._writes.begin() as connection:
            return self._delete(connection, PICTURES.c.updated < self._oldest(self._days))

    def _add(self, picture: LabelledPicture) -> Added:
        sha256 = hashlib.sha256(picture.pixels).hexdigest()
        with self._writes.begin() as connection:
            query = select(*_COLUMNS).where(PICTURES.c.sha256 == sha256).with_for_update()
            row = connection.execute(query).one_or_none()
            if row is None:
                number = _insert(connection, picture, sha256)
            elif _is_same(row, picture):
                return Added(feedback_of(row, _history(connection, row)), is_new=False)
            else:
                number = _relabel(connection, row, picture)
            values = answer_values(picture.label, picture.answer)
            connection.execute(insert(LABELS).values(picture=number, created=_now(), **values))
            row = connection.execute(select(*_COLUMNS).where(PICTURES.c.number == number)).one()
            return Added(feedback_of(row, _history(connection, row)), is_new=True)

    def _delete(self, connection: Connection, where: Any) -> int:
        numbers = select(PICTURES.c.number).where(where)
        connection.execute(delete(LABELS).where(LABELS.c.picture.in_(numbers)))
        return connection.execute(delete(PICTURES).where(where)).rowcount

    def _unexpired(self, query: Select[Any]) -> Select[Any]:
        """Leave out what is older than ``days``, also if it is not purged yet."""
        return (
            query
            if self._days is None
            else query.where(PICTURES.c.updated >= self._oldest(self._days))
        )

    @staticmethod
    def _oldest(days: float) -> datetime:
        return _now() - timedelta(days=days)


def _now() -> datetime:
    return datetime.now(UTC)


def _insert(connection: Connection, picture: LabelledPicture, sha256: str) -> int:
    now = _now()
    statement = insert(PICTURES).values(
        id=uuid.uuid4().hex,
        sha256=sha256,
        pixels=picture.pixels,
        original=picture.original,
        request_id=picture.request_id,
        created=now,
        updated=now,
        **answer_values(picture.label, picture.answer),
    )
    key = connection.execute(statement).inserted_primary_key
    return int(key[0])  # type: ignore[index]


def _relabel(connection: Connection, row: Row[Any], picture: LabelledPicture) -> int:
    """Replace the label of a picture; an original is kept, or added if there was none."""
    values = answer_values(picture.label, picture.answer) | {"updated": _now()}
    if picture.request_id is not None:
        values["request_id"] = picture.request_id
    if picture.original is not None and not row.has_original:
        values["original"] = picture.original
    connection.execute(update(PICTURES).where(PICTURES.c.number == row.number).values(values))
    return int(row.number)


def _is_same(row: Row[Any], picture: LabelledPicture) -> bool:
    """Return whether a picture has this label, for an answer of this model, already."""
    values = answer_values(picture.label, picture.answer)
    del values["confidence"]  # it depends on the batch, in the last digits
    adds_original = picture.original is not None and not row.has_original
    return not adds_original and all(getattr(row, name) == one for name, one in values.items())


def _history(connection: Connection, row: Row[Any]) -> list[Any]:
    query = select(LABELS).where(LABELS.c.picture == row.number).order_by(LABELS.c.number)
    return [given_label_of(one) for one in connection.execute(query)]
