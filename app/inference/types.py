"""Values that the stages of a prediction pass on."""

from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from model_core.classifier import BatchPrediction, Prediction
from model_core.parameter import Array
from model_core.preprocessing import NormalisedImage


class Client(NamedTuple):
    """Client of the service: its API key or address, and its connection (address and port)."""

    name: str = ""
    connection: tuple[str, int] = ("", 0)


Rotation = Literal["0", "90", "180", "270", "auto"]
ROTATIONS: tuple[Rotation, ...] = get_args(Rotation)


class Preparation(NamedTuple):
    """Preparation of an upload: normalised or only resized, and rotated before.

    Units: ``rotate`` in degrees clockwise; ``auto`` tries all four rotations.
    """

    normalise: bool = True
    rotate: Rotation = "0"


@dataclass(slots=True)  # not frozen: creating frozen ones takes twice the time
class NormalisedUpload:
    """Normalised upload: the image in MNIST's format and the durations of its stages.

    ``rotated`` has the image's other three rotations, if all four are tried.
    Units: ``source_pixels`` is width times height of the uploaded image; ``began`` is the start of
    decoding, from ``time.perf_counter``; preprocessing starts when decoding ends. ``warning`` has
    the decoder's first warning and the number of its warnings, if there were any.
    """

    normalised: NormalisedImage
    source_pixels: int
    began: float
    decode_seconds: float
    preprocess_seconds: float
    warning: str = ""
    rotated: tuple[NormalisedImage, ...] = ()

    @property
    def candidates(self) -> tuple[NormalisedImage, ...]:
        """All images that are predicted for this upload."""
        return (self.normalised, *self.rotated)


@dataclass(slots=True)  # not frozen: creating frozen ones takes twice the time
class PredictionResult:
    """Prediction for one upload, with the model's input and the durations.

    It is the prediction for ``normalised``: of the upload's candidates, the one with the best
    acceptance score.
    Shapes: ``model_input`` (14, 14) float32 in 0..1.
    Units: ``ink_share`` is the mean of ``model_input``; ``inference_began`` is the start of the
    pass, from ``time.perf_counter``; ``inference_seconds`` is its duration divided by the number of
    images.
    """

    prediction: Prediction
    normalised: NormalisedImage
    model_input: Array
    ink_share: float
    upload: NormalisedUpload
    inference_began: float
    inference_seconds: float


def decide(result: PredictionResult, threshold: float | None) -> PredictionResult:
    """Return a result, its decision made anew if the caller has a threshold."""
    if threshold is not None:
        result.prediction = result.prediction.with_threshold(threshold)
    return result


@dataclass(slots=True)
class TensorResult:
    """Predictions for a tensor of model inputs, a row each, with the durations.

    Units: ``ink_shares`` are the means of the rows; ``inference_began`` is the start of the first
    pass, from ``time.perf_counter``; ``inference_seconds`` is the tensor's share of all passes.
    """

    batch: BatchPrediction
    ink_shares: list[float]
    inference_began: float
    inference_seconds: float

    def __len__(self) -> int:
        return len(self.ink_shares)

    @classmethod
    def join(cls, parts: list["TensorResult"], labels: int) -> "TensorResult":
        """Join the results of the parts of a tensor, which can be empty."""
        batches = [part.batch for part in parts]
        return cls(
            BatchPrediction.join(batches, labels),
            [ink_share for part in parts for ink_share in part.ink_shares],
            parts[0].inference_began if parts else 0.0,
            sum(part.inference_seconds for part in parts),
        )
