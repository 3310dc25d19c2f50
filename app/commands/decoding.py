"""Preparation of the process for decoding, by the service and by the command ``predict``."""

import os

from app.inference.malloc import configure_malloc
from app.settings import Settings


def prepare_decoding(settings: Settings) -> None:
    """Limit the scans of a JPEG in a TIFF, and set the thresholds of malloc."""
    os.environ["LIBTIFF_JPEG_MAX_ALLOWED_SCAN_NUMBER"] = str(settings.max_scans + 1)
    configure_malloc()
