"""Ring buffer of the pictures of recent requests, in memory that all worker processes share.

Feedback names a picture by the id of its request, which another worker may have answered. Each
process writes to a ring of its own, so it needs no lock; a reader looks into all rings, and takes a
picture only if its slot has not changed meanwhile.
"""

import mmap
import struct
import time
from collections.abc import Sequence

import numpy as np

from app.feedback.types import Answer
from app.inference.registry import LoadedModel
from app.inference.types import PredictionResult
from model_core.preprocessing.mnist_format import SIDE

PICTURE_BYTES = SIDE * SIDE

# The id of a request has at most 128 characters, the name of a model at most 255 bytes.
_ID_BYTES, _NAME_BYTES, _VERSION_BYTES, _SHA_BYTES = 128, 255, 64, 64

# The id comes first; then index, time, digit, accepted, confidence, model, version, SHA-256 and
# pixels.
_ID = struct.Struct(f"{_ID_BYTES}s")
_REST = struct.Struct(f"<Idh?d{_NAME_BYTES}s{_VERSION_BYTES}s{_SHA_BYTES}s{PICTURE_BYTES}s")
_SLOT_BYTES = _ID_BYTES + _REST.size
_FREE = bytes(_ID_BYTES)


class RecentPictures:
    """Pictures of recent requests with their answers: the last ``size`` of each process.

    Create it before worker processes are forked.
    """

    def __init__(self, processes: int, size: int) -> None:
        self._size, self._slots = size, processes * size
        self._memory = mmap.mmap(-1, self._slots * _SLOT_BYTES)
        self._first = self._next = 0

    def claim(self, process: int) -> None:
        """Let this process write to its ring."""
        self._first, self._next = process * self._size, 0

    def remember(
        self,
        request_id: str,
        model: LoadedModel,
        results: Sequence[PredictionResult],
        places: Sequence[int] = (),
    ) -> None:
        """Remember the pictures of a request; of more than ``size``, the first ones.

        ``places`` are those of the pictures in a batch in which others have errors.
        """
        now, name = time.time(), request_id.encode()
        texts = (model.name.encode(), model.version.encode(), model.sha256.encode())
        for place, result in zip(places or range(self._size), results[: self._size], strict=False):
            one = result.prediction
            self._write(
                name,
                place,
                now,
                one.digit,
                one.decision == "accept",
                one.confidence,
                *texts,
                result.normalised.pixels.tobytes(),
            )

    def find(self, request_id: str, index: int) -> tuple[bytes, Answer] | None:
        """Return a picture of a request and its answer; of several with this id, the newest.

        Shapes: the 784 bytes of a picture in MNIST's format. ``index`` is its place, from 0.
        """
        wanted = request_id.encode()
        ids = np.ndarray((self._slots,), f"S{_ID_BYTES}", self._memory, strides=(_SLOT_BYTES,))
        slots = np.flatnonzero(ids == wanted).tolist()
        read = [(self._read(slot), self._has(slot, wanted)) for slot in slots]  # in this order
        found = [values for values, unchanged in read if unchanged and values[0] == index]
        newest = max(found, key=lambda values: values[1], default=None)
        if newest is None:
            return None
        _, _, digit, accepted, confidence, model, version, sha256, pixels = newest
        texts = [text.rstrip(b"\0").decode() for text in (model, version, sha256)]
        return pixels, Answer(texts[0], texts[1], texts[2], digit, accepted, confidence)

    def _write(self, name: bytes, *values: object) -> None:
        """Fill the next slot: it has an id only while its content is complete."""
        start = (self._first + self._next) * _SLOT_BYTES
        self._next = (self._next + 1) % self._size
        _ID.pack_into(self._memory, start, _FREE)
        _REST.pack_into(self._memory, start + _ID_BYTES, *values)
        _ID.pack_into(self._memory, start, name)

    def _read(self, slot: int) -> tuple[int, float, int, bool, float, bytes, bytes, bytes, bytes]:
        return _REST.unpack_from(self._memory, slot * _SLOT_BYTES + _ID_BYTES)

    def _has(self, slot: int, name: bytes) -> bool:
        start = slot * _SLOT_BYTES
        return self._memory[start : start + _ID_BYTES].rstrip(b"\0") == name
