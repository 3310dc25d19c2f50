"""Corrections: labelled pictures in MNIST's format, and the part that is held back to measure."""

import hashlib
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import NO_DIGIT

# The label of a picture without a digit, in folders and on model cards.
NONE = "none"

LABELS = {NONE: NO_DIGIT} | {str(digit): digit for digit in range(10)}


@dataclass(frozen=True, slots=True)
class Correction:
    """One labelled picture; ``source`` names it in messages.

    Shapes: ``picture`` (28, 28) uint8, light ink on black.
    Units: ``label`` is 0-9, or NO_DIGIT; ``trust`` in the picture is that of preprocessing, 0..1.
    """

    source: str
    picture: NDArray[np.uint8]
    label: int
    trust: float = 1.0

    @property
    def digest(self) -> bytes:
        """The SHA-256 of the picture."""
        return hashlib.sha256(self.picture.tobytes()).digest()

    @property
    def shows_one_figure(self) -> bool:
        """Whether there is ink, and of one figure: others are refused whatever the network says."""
        return self.trust > 0 and bool(self.picture.any())


@dataclass(frozen=True, slots=True)
class Corrections:
    """Corrections as columns, each picture once.

    Shapes: ``pictures`` (N, 28, 28) uint8, ``labels`` (N,) integers 0..9 or NO_DIGIT, ``trust``
    (N,) float64 in 0..1.
    """

    pictures: NDArray[np.uint8]
    labels: NDArray[np.intp]
    trust: NDArray[np.float64]

    @classmethod
    def of_rows(cls, rows: list[Correction]) -> "Corrections":
        """Return corrections as columns, in the order of their digests."""
        rows = sorted(rows, key=lambda row: row.digest)
        return cls(
            np.array([row.picture for row in rows], np.uint8).reshape(-1, 28, 28),
            np.array([row.label for row in rows], np.intp),
            np.array([row.trust for row in rows], np.float64),
        )

    def __len__(self) -> int:
        return len(self.labels)

    def split(self, share: float) -> tuple["Corrections", "Corrections"]:
        """Return the corrections to train on, and those held back, about a ``share`` of all.

        The hash of the picture alone decides: a picture that is held back once always is.
        """
        held = np.array([_position(picture) < share for picture in self.pictures], bool)
        return self._part(~held), self._part(held)

    def _part(self, chosen: NDArray[np.bool_]) -> "Corrections":
        return Corrections(self.pictures[chosen], self.labels[chosen], self.trust[chosen])

    @property
    def sha256(self) -> str:
        """The SHA-256 in hex of all pictures and labels, whatever order they were read in."""
        digest = hashlib.sha256()
        for picture, label in zip(self.pictures, self.labels, strict=True):
            digest.update(picture.tobytes())
            digest.update(bytes([label % 256]))
        return digest.hexdigest()

    @property
    def counts(self) -> dict[str, int]:
        """The number of pictures by label."""
        found = Counter(self.labels.tolist())
        return {name: found[label] for name, label in sorted(LABELS.items()) if found[label]}


def _position(picture: NDArray[np.uint8]) -> float:
    """Return a number in 0..1 that follows from the SHA-256 of a picture."""
    head = hashlib.sha256(picture.tobytes()).digest()[:8]
    return int.from_bytes(head, "big") / 2**64
