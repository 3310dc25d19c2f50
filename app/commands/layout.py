"""Command ``digitserve layout PICTURE``: propose the layout of a form, as JSON."""

import sys
from pathlib import Path

from app.errors import AppError
from app.settings import MAX_SCANS, PILLOW_MAX_PIXELS


def propose(path: Path) -> int:
    """Write the layout of the first page of a picture or PDF to stdout; return the exit code."""
    try:
        from app.sheets.documents.document import read_page
        from app.sheets.documents.page import DocumentLimits
        from app.sheets.finder import find_boxes
        from app.sheets.layout.proposal import propose_layout

        limits = DocumentLimits(1_000, PILLOW_MAX_PIXELS, MAX_SCANS)
        page = read_page(path.read_bytes(), 0, limits)
        layout = propose_layout(find_boxes(page.picture))
    except (OSError, AppError, ValueError, ImportError) as error:
        sys.stderr.write(f"digitserve: {path}: {error}\n")
        return 1
    sys.stdout.write(f"{layout.model_dump_json(indent=1, exclude_none=True)}\n")
    return 0
