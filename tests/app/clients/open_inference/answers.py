"""What /v1 answers for pictures, and the comparison of a client's answer with it."""

from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np
from numpy.testing import assert_allclose

from model_core.parameter import Array
from tests.support.pictures import encode, two
from tests.support.servers import Server

OUTPUTS = ("probabilities", "digit", "decision", "reason")


@dataclass(frozen=True, slots=True)
class Answers:
    """Pictures as files and as model inputs, and /v1's answer for each.

    Shapes: ``images`` (N, 14, 14) float32 in 0..1, ``probabilities`` (N, labels).
    """

    files: list[bytes]
    images: Array
    probabilities: Array
    digits: list[int]
    decisions: list[str]
    reasons: list[str]

    def first(self, count: int) -> "Answers":
        """Return the first pictures and their answers."""
        end = slice(count)
        return Answers(
            self.files[end],
            self.images[end],
            self.probabilities[end],
            self.digits[end],
            self.decisions[end],
            self.reasons[end],
        )

    def check(self, result: Any) -> None:
        """Compare a result, whose method ``as_numpy`` returns an output by its name."""
        probabilities = result.as_numpy("probabilities")
        assert probabilities.dtype == np.float32
        assert_allclose(probabilities, self.probabilities, rtol=1e-3, atol=1e-6)
        digits = result.as_numpy("digit")
        assert digits.dtype == np.int64
        assert digits.tolist() == self.digits
        assert texts(result.as_numpy("decision")) == self.decisions
        assert texts(result.as_numpy("reason")) == self.reasons


def texts(array: Any) -> list[str]:
    """Return the strings of a BYTES tensor, which a client may have left as bytes."""
    return [one.decode() if isinstance(one, bytes) else str(one) for one in array.ravel()]


def draw(count: int) -> list[bytes]:
    """Return different pictures as PNG files: a two at each angle; the second one is blank."""
    drawn = [two(56).rotate(360 * number / count).resize((28, 28)) for number in range(count)]
    drawn[1] = two().point(lambda _: 0)
    return [encode(one) for one in drawn]


def ask(server: Server, files: list[bytes], model: str = "cnn") -> Answers:
    """Ask /v1 for the model input, the probabilities and the decision of each picture."""
    with httpx.Client(timeout=20) as client:
        url = f"{server.url}/v1/predictions?include=input&model={model}"
        found = [client.post(url, content=one).raise_for_status().json() for one in files]
    return Answers(
        files,
        np.array([one["input"]["pixels"] for one in found], np.float32),
        np.array([[*one["probabilities"].values()] for one in found]),
        [one["digit"] for one in found],
        [one["decision"] for one in found],
        [one["reason"] or "" for one in found],
    )
