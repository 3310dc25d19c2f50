"""What travels between the stages of a prediction."""

from dataclasses import dataclass

from model_core.classifier import Prediction
from model_core.parameter import Array
from model_core.preprocessing import NormalisedImage


@dataclass(slots=True)  # frozen ones take twice the time to make
class NormalisedUpload:
    """An upload in MNIST's form, and what it took to get there.

    Units: ``source_pixels`` is width times height as sent; ``began`` is a reading of
    ``time.perf_counter``, when decoding began; the two stages follow each other, in seconds.
    """

    normalised: NormalisedImage
    source_pixels: int
    began: float
    decode_seconds: float
    preprocess_seconds: float


@dataclass(slots=True)  # frozen ones take twice the time to make
class PredictionResult:
    """The prediction for one upload, and the input that the model saw.

    Shapes: ``model_input`` (14, 14) float32 in 0..1.
    Units: ``ink_share`` is the mean of ``model_input``; ``inference_began`` is a reading of
    ``time.perf_counter``; ``inference_seconds`` is this image's share of the pass.
    """

    prediction: Prediction
    model_input: Array
    ink_share: float
    upload: NormalisedUpload
    inference_began: float
    inference_seconds: float
