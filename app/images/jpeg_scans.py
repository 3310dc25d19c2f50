"""The scans of a JPEG file: each goes over the whole picture, and a file may have thousands."""

import re

_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9

# What ends compressed data: neither a stuffed 00, nor a restart, nor what decoders pass over.
_MARKER = re.compile(rb"\xff([\xc0-\xcf\xd8-\xfe])")


def exceeds_scan_limit(jpeg: bytes, most: int) -> bool:
    """Return whether a JPEG file has more than so many scans, without decoding it."""
    scans, position = 0, 2
    while scans <= most and (marker := _MARKER.search(jpeg, position)):
        kind, position = marker[1][0], marker.end()
        if kind == _END_OF_IMAGE:
            return False
        scans += kind == _START_OF_SCAN
        position += max(2, int.from_bytes(jpeg[position : position + 2]))
    return scans > most
