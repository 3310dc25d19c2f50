"""Faults of the database: which kind an exception is, in one word for metrics and logs."""

from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)

from app.feedback.types import Fault

# Parts of messages of SQLite, and SQLSTATE of PostgreSQL.
_MESSAGES: dict[str, Fault] = {
    "database is locked": "locked",
    "database table is locked": "locked",
    "disk is full": "full",
    "disk i/o error": "full",
    "no such table": "no-tables",
    "has no column named": "no-tables",
    "no such column": "no-tables",
}
_STATES: dict[str, Fault] = {
    "55P03": "locked",
    "57014": "timeout",
    "53100": "full",
    "42P01": "no-tables",
    "42703": "no-tables",
}
_OUTSIDE = (OperationalError, InterfaceError, InternalError, ProgrammingError)


def fault_of(error: Exception) -> Fault | None:
    """Return the fault of the database that an exception reports; None for any other exception."""
    if isinstance(error, DBAPIError):
        known = _STATES.get(getattr(error.orig, "sqlstate", None) or "") or _by_message(error)
        if known or isinstance(error, _OUTSIDE):
            return known or "gone"
        return None
    return "gone" if isinstance(error, SQLAlchemyError | OSError) else None


def _by_message(error: DBAPIError) -> Fault | None:
    text = str(error.orig).lower()
    return next((fault for part, fault in _MESSAGES.items() if part in text), None)
