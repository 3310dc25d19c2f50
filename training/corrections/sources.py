"""Joining of corrections from several folders and databases."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.corrections.corrections import LABELS, Correction, Corrections
from training.corrections.database import is_database_url, read_database
from training.corrections.folder import read_folder
from training.errors import CorrectionsError

# Pictures that a line of notice names.
NAMED = 3

_NAMES = {label: name for name, label in LABELS.items()}


@dataclass(frozen=True, slots=True)
class Collected:
    """Corrections of all sources, and lines that say which pictures are left out, and why."""

    corrections: Corrections
    notices: tuple[str, ...]


def read_corrections(sources: list[str], test_images: NDArray[np.uint8]) -> Collected:
    """Read folders and databases, without duplicates and pictures that show no single figure.

    Shapes: ``test_images`` (N, 28, 28) uint8, which are measured on and never trained on.
    Raises: CorrectionsError for anything in a source that cannot be read, two labels of one
    picture, or sources without any picture.
    """
    rows = [row for source in sources for row in _read(source)]
    once = _unique(rows)
    clear = [row for row in once if row.shows_one_figure]
    tested = {hashlib.sha256(image.tobytes()).digest() for image in test_images}
    kept = [row for row in clear if row.digest not in tested]
    if not kept:
        raise CorrectionsError(f"{', '.join(sources)}: expected pictures to train on, got none")
    return Collected(Corrections.of_rows(kept), tuple(_notices(once, clear, kept)))


def _read(source: str) -> list[Correction]:
    return read_database(source) if is_database_url(source) else read_folder(Path(source))


def _unique(rows: list[Correction]) -> list[Correction]:
    """Return each picture once."""
    seen: dict[bytes, Correction] = {}
    for row in rows:
        first = seen.setdefault(row.digest, row)
        if first.label != row.label:
            raise CorrectionsError(
                f"{row.source}: expected the label {_NAMES[first.label]} of the same picture in "
                f"{first.source}, got {_NAMES[row.label]}"
            )
    return list(seen.values())


def _notices(*stages: list[Correction]) -> list[str]:
    """Return a line for each stage that has fewer pictures than the one before."""
    reasons = ("without ink, or of several figures", "that are MNIST's test images")
    lines = []
    for reason, before, after in zip(reasons, stages, stages[1:], strict=False):
        kept = {id(row) for row in after}
        sources = [row.source for row in before if id(row) not in kept]
        if sources:
            more = f" and {len(sources) - NAMED} more" if len(sources) > NAMED else ""
            lines.append(
                f"left out {len(sources)} pictures {reason}: {', '.join(sources[:NAMED])}{more}"
            )
    return lines
