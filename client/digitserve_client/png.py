"""PNG encoder for arrays of grey levels or colours.

Source: W3C, "Portable Network Graphics (PNG) Specification", third edition.
"""

import struct
import zlib
from typing import Any

# Colour type of PNG by the number of channels.
_COLOUR_TYPES = {1: 0, 3: 2, 4: 6}


def encode_array(array: Any) -> bytes:
    """Encode a NumPy array as a PNG.

    Shapes: (H, W), or (H, W, C) with 1, 3 or 4 channels. Dtypes: uint8; bool; floats in 0..1.
    Raises: ValueError for another array.
    """
    import numpy as np  # whoever has an array has it

    values = np.asarray(array)
    if values.ndim == 2:
        values = values[..., np.newaxis]
    if values.ndim != 3 or values.shape[2] not in _COLOUR_TYPES or values.size == 0:
        raise ValueError(f"array: expected (H, W) or (H, W, 1, 3 or 4), got {np.shape(array)}")
    if values.dtype == bool:
        values = values * np.uint8(255)
    elif np.issubdtype(values.dtype, np.floating):
        if not (values.min() >= 0 and values.max() <= 1):
            raise ValueError("array: expected floats in 0..1, got others")
        values = np.rint(values * 255).astype(np.uint8)
    if values.dtype != np.uint8:
        raise ValueError(f"array: expected uint8, bool or floats in 0..1, got {values.dtype}")
    return _encode([row.tobytes() for row in values], values.shape[1], values.shape[2])


def _encode(rows: list[bytes], width: int, channels: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, len(rows), 8, _COLOUR_TYPES[channels], 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows), 1)
    chunks = _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
