"""Limit on the number of scans in a JPEG file.

A decoder processes the whole image for each scan, and a small file can contain thousands.
Source: ITU-T T.81, annex B.
"""

import re

_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9

# Markers that end entropy-coded data: not a stuffed 00, not a restart, not a reserved code.
_MARKER = re.compile(rb"\xff([\xc0-\xcf\xd8-\xfe])")


def exceeds_scan_limit(jpeg: bytes, max_scans: int) -> bool:
    """Return whether a JPEG file has more than ``max_scans`` scans, without decoding it."""
    scans, position = 0, 2
    while scans <= max_scans and (marker := _MARKER.search(jpeg, position)):
        kind, position = marker[1][0], marker.end()
        if kind == _END_OF_IMAGE:
            return False
        scans += kind == _START_OF_SCAN
        position += max(2, int.from_bytes(jpeg[position : position + 2]))
    return scans > max_scans
