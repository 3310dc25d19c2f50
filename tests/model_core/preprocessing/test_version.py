"""The version of the preprocessing changes whenever networks would see other pictures.

``python -m tests.model_core.preprocessing.test_version`` stores what the present version makes of
the drawn pictures as ``version_<number>.png``: a column a picture, normalised, letterboxed and
downsampled.
"""

from hashlib import sha256
from pathlib import Path
from typing import get_args

import numpy as np
from PIL import Image

from benchmarks.sensitivity import numbers
from model_core.preprocessing import (
    PREPROCESSING_VERSION,
    downsample,
    letterbox,
    normalise,
)
from model_core.preprocessing.image_ops.types import Grey8
from model_core.preprocessing.steps import (
    Change,
    DecodedSmaller,
    Decoding,
    Kind,
    Removed,
    Step,
    Turned,
)
from tests.model_core.preprocessing.scenes import drawn_pictures

ADVICE = (
    "networks would see other pictures: change PREPROCESSING_VERSION (weights of the old version "
    "are refused then), and store what `python -m tests.model_core.preprocessing.test_version` says"
)

STORED = Path(__file__).parent / f"version_{PREPROCESSING_VERSION}.png"

# Grey levels: pixels are whole numbers, but come from sums in floating point, whose order differs
# from processor to processor; one that lies between two levels may be rounded either way.
TOLERANCE = 1


# A digest of the numbers that were chosen, in order of size: they may be renamed and moved, but one
# that changes may change pictures that are not among those drawn.
NUMBERS = {"2": "56de4f84080ee6f7"}


def digest_of_numbers() -> str:
    """Return a digest of the numbers of preprocessing, whatever their names."""
    values = sorted(repr(number.value) for number in numbers())
    return sha256(" ".join(values).encode()).hexdigest()[:16]


def column(picture: Grey8) -> Grey8:
    """Return what becomes of a picture, one above the other, (28 + 28 + 14, 28) uint8."""
    normalised, boxed = normalise(picture).pixels, letterbox(picture).pixels
    small = [np.rint(255 * downsample(each[None])[0]) for each in (normalised, boxed)]
    return np.concatenate([normalised, boxed, np.concatenate(small, axis=1)]).astype(np.uint8)


def columns() -> Grey8:
    """Return the columns of all drawn pictures, side by side."""
    return np.concatenate([column(picture) for picture in drawn_pictures().values()], axis=1)


def test_other_pictures_need_another_version() -> None:
    """The drawn pictures come out as those stored for this version."""
    assert STORED.exists(), ADVICE
    got, stored = columns(), np.asarray(Image.open(STORED))

    assert got.shape == stored.shape, ADVICE
    apart = np.abs(got.astype(np.int16) - stored).reshape(len(got), -1, 28).max(axis=(0, 2))
    names = np.array(list(drawn_pictures()))[apart > TOLERANCE]
    assert not len(names), f"{ADVICE}; different: {', '.join(names)}"


def test_other_numbers_need_another_version() -> None:
    """The numbers of preprocessing belong to this version: a changed number needs another one."""
    assert digest_of_numbers() == NUMBERS.get(PREPROCESSING_VERSION), ADVICE


def test_the_drawn_pictures_take_every_step() -> None:
    """No step of normalising could change without being seen here."""
    taken = {step for picture in drawn_pictures().values() for step in normalise(picture).steps}

    assert set(Change) <= taken
    assert {step.kind for step in taken if isinstance(step, Removed)} == set(Kind)
    before = {Decoding, DecodedSmaller, Turned}  # steps of the service, before it normalises
    assert {type(step) for step in taken} == set(get_args(Step)) - before


if __name__ == "__main__":
    Image.fromarray(columns()).save(STORED, optimize=True)
    print(f"wrote {STORED}; NUMBERS of this version: {digest_of_numbers()}")  # noqa: T201
