"""What became of an upload on its way to the model."""

from dataclasses import dataclass

from model_core.parameter import Array
from model_core.preprocessing import NormalisedImage


@dataclass(slots=True)
class Picture:
    """An upload in MNIST's form.

    Units: ``pixels`` is width times height as sent; the two stages took so many seconds.
    """

    normalised: NormalisedImage
    pixels: int
    decode_seconds: float
    preprocess_seconds: float


@dataclass(slots=True)
class Seen:
    """What the model saw of a picture: (14, 14) float32 in 0..1."""

    image: Array
    picture: Picture
