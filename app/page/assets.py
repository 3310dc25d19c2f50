"""The page: its files, read once, under addresses that change with them."""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

_DIRECTORY = Path(__file__).parent / "static"
_DOCUMENT, _STYLE = "index.html", "page.css"
_LINK = b'<link rel="stylesheet" href="static/page.css">'


@dataclass(frozen=True, slots=True)
class Page:
    """The document, and by their paths the files that it loads.

    The document has its style within, so that it can be shown as soon as it is there; ``style`` is
    what a Content-Security-Policy calls it.
    The digest in each path is that of all files together, so that a changed file has a new address
    and modules that import each other always come from one version.
    """

    document: bytes
    style: str
    assets: dict[str, bytes]


def load_page() -> Page:
    """Return the page of this version."""
    files = _read()
    folder = f"static/{_digest(files)}/"
    style = files.pop(_STYLE)
    document = files.pop(_DOCUMENT).replace(_LINK, b"<style>" + style + b"</style>")
    digest = base64.b64encode(hashlib.sha256(style).digest()).decode()
    return Page(
        document.replace(b"static/", folder.encode()),
        f"'sha256-{digest}'",
        {f"/{folder}{name}": content for name, content in files.items()},
    )


def _read() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(_DIRECTORY.iterdir())}


def _digest(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in files.items():
        digest.update(f"{name} {len(content)} ".encode() + content)
    return digest.hexdigest()[:16]
