"""Start of feedback: whether it is on, and its libraries, which are imported only then."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.feedback.types import Fault
from app.setting_variables import variable
from app.settings import Settings

if TYPE_CHECKING:
    from app.feedback.service import FeedbackService


class FeedbackError(Exception):
    """Feedback is switched on, and cannot start; the message says in one line why."""


def check_feedback(settings: Settings) -> None:
    """Import the libraries of the database if one is set.

    Called before worker processes are forked, so that they share the memory of the code.
    Raises: FeedbackError if the extra is not installed.
    """
    if settings.database_url is None:
        return
    try:
        import alembic  # noqa: F401
        import psycopg  # noqa: F401

        import app.feedback.service  # noqa: F401
    except ImportError as error:
        raise FeedbackError(
            f"{variable('database_url')}: expected the extra feedback (pip install "
            f"'.[feedback]'), got no {error.name}"
        ) from error


def create_feedback(
    settings: Settings, on_fault: Callable[[Fault], None]
) -> "FeedbackService | None":
    """Create the service; None if no database is set."""
    if settings.database_url is None:
        return None
    from app.feedback.service import FeedbackService

    return FeedbackService(settings, settings.database_url.get_secret_value(), on_fault=on_fault)
