"""The page: its files, read once, under addresses that change with them."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

_DIRECTORY = Path(__file__).parent / "static"
_DOCUMENT = "index.html"


@dataclass(frozen=True, slots=True)
class Page:
    """The document, and by their paths the files that it loads.

    The digest in each path is that of all files together, so that a changed file has a new address
    and modules that import each other always come from one version.
    """

    document: bytes
    assets: dict[str, bytes]


def load_page() -> Page:
    """Return the page of this version."""
    files = _read()
    folder = f"static/{_digest(files)}/"
    document = files.pop(_DOCUMENT).replace(b"static/", folder.encode())
    return Page(document, {f"/{folder}{name}": content for name, content in files.items()})


def _read() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(_DIRECTORY.iterdir())}


def _digest(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in files.items():
        digest.update(f"{name} {len(content)} ".encode() + content)
    return digest.hexdigest()[:16]
