"""Reading of the feedback in a database."""

import os

import numpy as np

from app.feedback.types import StoredFeedback
from training.corrections.corrections import Correction
from training.corrections.service_settings import service_settings
from training.data.dataset import NO_DIGIT
from training.errors import CorrectionsError

# As long as a command of the service waits for the database. In seconds.
WAIT_SECONDS = 60

BACKENDS = ("sqlite", "postgresql")


def is_database_url(source: str) -> bool:
    """Return whether a source is a URL, like ``sqlite:///feedback.db``, rather than a folder."""
    return "://" in source


def read_database(url: str) -> list[Correction]:
    """Return the pictures of the feedback with their latest labels, as the service exports them.

    What is older than DIGITS_FEEDBACK_DAYS is left out.
    Raises: CorrectionsError, which never has the password of the URL, if the database cannot be
    read or the extra is not installed.
    """
    try:
        import psycopg  # noqa: F401
        from sqlalchemy.exc import SQLAlchemyError

        from app.feedback.database.engine import connect_lazily
        from app.feedback.database.store import FeedbackStore
    except ImportError as error:
        raise CorrectionsError(
            f"--also: expected the extra feedback (pip install '.[feedback]'), got no {error.name}"
        ) from None
    name = _checked_name(url)
    engine = connect_lazily(url, seconds=WAIT_SECONDS)
    try:
        stored = FeedbackStore(engine, days=service_settings().feedback_days).all()
        rows = [_correction(name, one) for one in stored]
    except SQLAlchemyError as error:
        problem = " ".join(str(getattr(error, "orig", None) or error).split())
        raise CorrectionsError(f"{name}: expected the table of feedback, got: {problem}") from None
    finally:
        engine.dispose()
    if not rows:
        raise CorrectionsError(f"{name}: expected feedback, got none")
    return rows


def _checked_name(url: str) -> str:
    """Return a URL without its password.

    Raises: CorrectionsError for another database, or an SQLite file that does not exist, which
    would be created.
    """
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    expected = "expected sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"
    try:
        place = make_url(url)
    except (ArgumentError, ValueError):
        raise CorrectionsError(f"--also: {expected}, got another URL") from None
    name = place.render_as_string(hide_password=True)
    if place.get_backend_name() not in BACKENDS:
        raise CorrectionsError(f"{name}: {expected}")
    if place.get_backend_name() == "sqlite" and not os.path.isfile(place.database or ""):
        raise CorrectionsError(f"{name}: expected the file of a database, got none")
    return name


def _correction(name: str, feedback: StoredFeedback) -> Correction:
    digit = feedback.picture.label.digit
    pixels = np.frombuffer(feedback.picture.pixels, np.uint8).reshape(28, 28)
    label = NO_DIGIT if digit is None else digit
    return Correction(f"{name}, feedback {feedback.id}", pixels, label)
