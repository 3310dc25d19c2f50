"""Saved layouts: files NAME.json in a directory."""

import re
from pathlib import Path

from app.errors import MalformedRequestError
from app.sheets.layout.layout import Layout, parse_layout

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def resolve_layout(text: str, directory: Path | None) -> Layout:
    """Return a layout that is given as JSON, or by its name in the directory.

    Raises: MalformedRequestError for an invalid layout, or a name that no file has.
    """
    if text.lstrip().startswith("{"):
        return parse_layout(text)
    if not _NAME.fullmatch(text):
        raise MalformedRequestError(
            "layout: expected JSON or a name of letters, digits, '.', '_' and '-', got another text"
        )
    if directory is None:
        raise MalformedRequestError(
            f"layout: expected JSON, because DIGITS_LAYOUTS_DIR is not set, got the name {text}"
        )
    try:
        content = (directory / f"{text}.json").read_bytes()
    except OSError:
        names = ", ".join(layout_names(directory)[:20])
        known = names or "no names (DIGITS_LAYOUTS_DIR has no .json files)"
        raise MalformedRequestError(f"layout: expected one of {known}, got {text}") from None
    return parse_layout(content)


def layout_names(directory: Path | None) -> list[str]:
    """Return the names of the layouts in a directory, sorted."""
    if directory is None:
        return []
    stems = (path.stem for path in directory.glob("*.json"))
    return sorted(stem for stem in stems if _NAME.fullmatch(stem))
