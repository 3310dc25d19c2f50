"""Commands ``digitserve db``: upgrade the tables of feedback, export it, delete what is old."""

import sys
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


def upgrade() -> int:
    """Bring the tables to the newest revision, and say so on stdout; return the exit code."""
    return _run("upgrade")


def export(folder: Path, *, originals: bool = False) -> int:
    """Write all feedback to a new or empty folder, ``<label>/<file>``; return the exit code."""
    return _run("export", folder, originals=originals)


def purge() -> int:
    """Delete what is older than DIGITS_FEEDBACK_DAYS; return the exit code."""
    return _run("purge")


def _run(command: str, folder: Path = Path(), *, originals: bool = False) -> int:
    """Run a command; write its outcome to stdout, or one line to stderr if it fails."""
    try:
        settings = load_settings()
        check_feedback(settings)
        if settings.database_url is None:
            raise FeedbackError(f"db: expected the setting {variable('database_url')}, got none")
        text = _run_in_database(settings, command, folder, originals=originals)
    except (SettingsError, FeedbackError, OSError) as error:
        sys.stderr.write(f"digitserve: {error}\n")
        return 1
    sys.stdout.write(f"{text}\n")
    return 0


def _run_in_database(settings: Settings, command: str, folder: Path, *, originals: bool) -> str:
    from sqlalchemy.exc import SQLAlchemyError

    from app.feedback.database.engine import connect_lazily

    url = settings.database_url.get_secret_value() if settings.database_url else ""
    engine = connect_lazily(url, seconds=_WAIT_SECONDS)
    try:
        if command == "upgrade":
            return _upgrade(engine)
        if command == "purge":
            return _purge(engine, settings)
        return _export(engine, settings, folder, originals=originals)
    except SQLAlchemyError as error:
        problem = " ".join(str(getattr(error, "orig", None) or error).split())
        raise FeedbackError(f"db {command}: {problem}") from error
    finally:
        engine.dispose()


def _upgrade(engine: "Engine") -> str:
    from app.feedback.database.migrate import upgrade as migrate

    before, after = migrate(engine)
    return f"feedback tables: revision {after}" + (", as before" if before == after else "")


def _purge(engine: "Engine", settings: Settings) -> str:
    from app.feedback.database.store import FeedbackStore

    if settings.feedback_days is None:
        raise FeedbackError(f"db purge: expected {variable('feedback_days')}, got none")
    return f"deleted: {FeedbackStore(engine, days=settings.feedback_days).purge()}"


def _export(engine: "Engine", settings: Settings, folder: Path, *, originals: bool) -> str:
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
