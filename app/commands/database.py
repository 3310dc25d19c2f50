"""Commands ``digitserve db``: upgrade the tables of feedback, export it, delete what is old."""

import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from app.feedback.export import write_picture
from app.feedback.start import FeedbackError, check_feedback
from app.setting_variables import variable
from app.settings import Settings, SettingsError, load_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

# A command may wait longer than a request. In seconds.
_WAIT_SECONDS = 60


def maintain(options: Namespace) -> int:
    """Run a command and return the exit code; write its outcome to stdout, or a line to stderr."""
    try:
        text = _maintain(options)
    except (SettingsError, FeedbackError, OSError) as error:
        sys.stderr.write(f"digitserve: {error}\n")
        return 1
    sys.stdout.write(f"{text}\n")
    return 0


def _maintain(options: Namespace) -> str:
    settings, command = load_settings(), options.database_command
    check_feedback(settings)
    if settings.database_url is None:
        raise FeedbackError(f"db: expected the setting {variable('database_url')}, got none")
    from sqlalchemy.exc import SQLAlchemyError

    from app.feedback.database.engine import connect_lazily

    engine = connect_lazily(settings.database_url.get_secret_value(), seconds=_WAIT_SECONDS)
    try:
        if command == "upgrade":
            return _upgrade(engine)
        if command == "purge":
            return _purge(engine, settings)
        return _export(engine, settings, options.folder, originals=options.originals)
    except SQLAlchemyError as error:
        problem = " ".join(str(getattr(error, "orig", None) or error).split())
        raise FeedbackError(f"db {command}: {problem}") from error
    finally:
        engine.dispose()


def _upgrade(engine: "Engine") -> str:
    """Bring the tables to the newest revision."""
    from app.feedback.database.migrate import upgrade as migrate

    before, after = migrate(engine)
    return f"feedback tables: revision {after}" + (", as before" if before == after else "")


def _purge(engine: "Engine", settings: Settings) -> str:
    """Delete what is older than DIGITS_FEEDBACK_DAYS."""
    from app.feedback.database.store import FeedbackStore

    if settings.feedback_days is None:
        raise FeedbackError(f"db purge: expected {variable('feedback_days')}, got none")
    return f"deleted: {FeedbackStore(engine, days=settings.feedback_days).purge()}"


def _export(engine: "Engine", settings: Settings, folder: Path, *, originals: bool) -> str:
    """Write all feedback to a new or empty folder, ``<label>/<file>``."""
    from app.feedback.database.store import FeedbackStore

    if folder.exists() and any(folder.iterdir()):
        raise FeedbackError(f"{folder}: expected a new or an empty folder, got one with files")
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for feedback in FeedbackStore(engine, days=settings.feedback_days).all(
        with_originals=originals
    ):
        write_picture(folder, feedback)
        count += 1
    return f"exported: {count} pictures to {folder}"
