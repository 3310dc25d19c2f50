"""Conversion between rows of the tables and the values of feedback."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from app.feedback.types import Answer, GivenLabel, Label, LabelledPicture, StoredFeedback


def answer_values(label: Label, answer: Answer) -> dict[str, Any]:
    """Return the values of the columns of a label and an answer."""
    return {
        "digit": label.digit,
        "source": label.source,
        "model": answer.model,
        "version": answer.version,
        "model_sha256": answer.sha256,
        "answered": answer.digit,
        "accepted": answer.accepted,
        "confidence": answer.confidence,
    }


def feedback_of(row: Row[Any], labels: Sequence[GivenLabel] = ()) -> StoredFeedback:
    """Return the feedback in a row of the pictures."""
    picture = LabelledPicture(
        bytes(row.pixels),
        _answer_of(row),
        Label(row.digit, row.source),
        row.request_id,
        getattr(row, "original", None),
    )
    return StoredFeedback(
        row.number,
        row.id,
        picture,
        row.sha256,
        _utc(row.created),
        _utc(row.updated),
        bool(row.has_original),
        tuple(labels),
    )


def given_label_of(row: Row[Any]) -> GivenLabel:
    """Return the label in a row of the history."""
    return GivenLabel(Label(row.digit, row.source), _answer_of(row), _utc(row.created))


def _answer_of(row: Row[Any]) -> Answer:
    return Answer(
        row.model, row.version, row.model_sha256, row.answered, row.accepted, row.confidence
    )


def _utc(time: datetime) -> datetime:
    """Return a time in UTC; SQLite has no time zones."""
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
