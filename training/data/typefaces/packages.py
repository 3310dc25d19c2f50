"""The files of typefaces: matplotlib's own, and those of the optional extra ``typefaces``."""

import functools
from importlib import metadata
from pathlib import Path

import matplotlib

# Packages of the extra ``typefaces``, all under the SIL Open Font License, Apache 2.0 (Caladea) or
# MIT (the strokes of Hershey-Fonts). They are read as data: none but Hershey-Fonts is imported.
HANDWRITING = ("font-amatic-sc", "font-intuitive", "handwriting-generator")
PRINTED = (
    "font-caladea",
    "font-fredoka-one",
    "font-hanken-grotesk",
    "font-lato",
    "font-manrope",
    "font-source-sans-pro",
    "font-source-serif-pro",
)
SCRIPTS = ("manimgx-fonts",)
STROKES = "Hershey-Fonts"
# Typefaces of matplotlib with letters; its others contain parts of formulas.
PATTERNS = ("DejaVuS*[!y].ttf", "STIXGeneral*.ttf", "cm[brst][ist1]*.ttf")


def bundled() -> list[Path]:
    """Return matplotlib's typefaces with letters."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return sorted(path for pattern in PATTERNS for path in folder.glob(pattern))


def installed(packages: tuple[str, ...]) -> list[Path]:
    """Return the typefaces of those packages that are installed, one file for each face."""
    found: dict[str, Path] = {}
    for package in packages:
        for path in sorted(_files(package)):
            if path.suffix in {".ttf", ".otf"}:
                found.setdefault(path.stem, path)
    return list(found.values())


@functools.cache
def missing() -> list[str]:
    """Return the names of the packages of the extra that are not installed."""
    every = (*HANDWRITING, *PRINTED, *SCRIPTS, STROKES)
    return [package for package in every if not _files(package)]


def notice() -> str | None:
    """Return the line that says which typefaces training lacks; None if it has all."""
    if not missing():
        return None
    return (
        f"note: letters and printed digits are drawn without {len(missing())} packages of "
        f"typefaces ({', '.join(missing())}); pip install '.[typefaces]' installs them"
    )


def _files(package: str) -> list[Path]:
    try:
        files = metadata.files(package)
    except metadata.PackageNotFoundError:
        return []
    return [Path(str(file.locate())) for file in files or []]
