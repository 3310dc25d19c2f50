"""Limits of the decoding, from the settings."""

from app.inference.pipeline import DecodeLimits
from app.settings import Settings


def decode_limits(settings: Settings) -> DecodeLimits:
    """Return the limits of the decoding that the settings have."""
    return DecodeLimits(
        max_pixels=settings.max_pixels,
        max_scans=settings.max_scans,
        max_seconds=settings.decode_seconds,
        max_bytes=settings.decode_bytes,
        max_waiting=settings.max_concurrent,
        max_wait_seconds=settings.decode_wait_seconds,
        max_json_values=settings.max_json_values,
        max_pages=settings.max_sheet_pages,
        max_boxes=settings.max_sheet_boxes,
        layouts_dir=settings.layouts_dir,
    )
