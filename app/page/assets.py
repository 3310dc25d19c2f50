"""Static files of the page, read once, with content-hashed URLs."""

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_DIRECTORY = Path(__file__).parent / "static"
_DOCUMENT, _STYLE = "index.html", "page.css"
_LINK = b'<link rel="stylesheet" href="static/page.css">'

_KEEPS = b'data-keeps="null"'

# Indentation, and lines that are a comment: a seventh of the bytes, of no use to a browser.
_UNUSED = re.compile(rb"^[ \t]*(?://.*$|/\*.*\*/[ \t]*$)?", re.MULTILINE)


class Page(NamedTuple):
    """HTML document of the page, and its static files by URL path.

    The document contains its style sheet, so that the browser can render it without a second
    request; ``style`` is the Content-Security-Policy source (a hash) of this style sheet.
    Each path contains a digest of all files together: after a change all files have new URLs, and
    JavaScript modules that import each other always have the same version. Indentation and lines
    of comments are removed; line numbers stay those of the files.
    """

    document: bytes
    style: str
    assets: dict[str, bytes]


def load_page(keeps: Mapping[str, object] | None = None) -> Page:
    """Read the files of the page.

    ``keeps`` is what the service keeps of feedback, for the text and the button of the page; None
    if feedback is off.
    """
    files = read_files()
    folder = f"static/{_digest(files)}/"
    style = files.pop(_STYLE)
    document = files.pop(_DOCUMENT).replace(_LINK, b"<style>" + style + b"</style>")
    digest = base64.b64encode(hashlib.sha256(style).digest()).decode()
    attribute = f'data-keeps="{html.escape(json.dumps(keeps))}"'.encode()
    return Page(
        document.replace(b"static/", folder.encode()).replace(_KEEPS, attribute),
        f"'sha256-{digest}'",
        {f"/{folder}{name}": content for name, content in files.items()},
    )


def read_files() -> dict[str, bytes]:
    """Read the static files, by name, without indentation and lines of comments."""
    return {path.name: _UNUSED.sub(b"", path.read_bytes()) for path in sorted(_DIRECTORY.iterdir())}


def _digest(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in files.items():
        digest.update(f"{name} {len(content)} ".encode() + content)
    return digest.hexdigest()[:16]
