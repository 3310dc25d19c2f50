"""What became of an upload on its way to the model."""

from dataclasses import dataclass

from model_core.parameter import Array


@dataclass(slots=True)
class Seen:
    """What the model saw of an upload: (14, 14) float32, and the steps that led there.

    Units: ``pixels`` is width times height as sent; the two stages took so many seconds.
    """

    image: Array
    steps: tuple[str, ...]
    pixels: int
    decode_seconds: float
    preprocess_seconds: float
