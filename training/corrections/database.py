"""Reading of the feedback table of a database."""

from training.corrections.corrections import Correction
from training.errors import CorrectionsError


def is_database_url(source: str) -> bool:
    """Return whether a source is a URL, like ``sqlite:///feedback.db``, rather than a folder."""
    return "://" in source


def read_database(url: str) -> list[Correction]:
    """Return the pictures and labels of the feedback table.

    Raises: CorrectionsError.
    """
    raise CorrectionsError(f"{url}: expected a folder, got the URL of a database")
