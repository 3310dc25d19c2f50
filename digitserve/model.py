"""Model of the library: loaded weights that predict pictures in this thread."""

from functools import cache
from os import PathLike
from pathlib import Path
from typing import TypeVar, overload

from app.errors import MalformedRequestError
from app.inference.blocking import predict_blocking
from app.inference.limits import decode_limits
from app.inference.pipeline import Pipeline
from app.inference.registry import LoadedModel
from app.inference.registry.start import DEFAULT_MODEL, load_single
from app.inference.types import ROTATIONS, Preparation, Rotation
from app.settings import Settings
from digitserve.pictures import Picture, to_upload
from digitserve.prediction import Prediction, to_prediction

OnePicture = TypeVar("OnePicture", bound=Picture)  # a list[str] is no list[Picture]


class Model:
    """Loaded model; ``load`` makes it. Threads can share it."""

    def __init__(self, loaded: LoadedModel) -> None:
        self._loaded = loaded
        self._pipeline = Pipeline(decode_limits(Settings.model_construct()))

    def __repr__(self) -> str:
        return f"Model({self.name!r}, version={self.version!r}, labels={self.labels})"

    @property
    def name(self) -> str:
        """Return the name of the model."""
        return self._loaded.name

    @property
    def version(self) -> str:
        """Return the version of the weights."""
        return self._loaded.version

    @property
    def labels(self) -> tuple[int, ...]:
        """Return the digits that the model tells apart."""
        return tuple(self._loaded.classifier.labels)

    @overload
    def predict(
        self,
        pictures: Picture,
        *,
        threshold: float | None = None,
        rotate: Rotation = "0",
        normalise: bool = True,
    ) -> Prediction: ...

    @overload
    def predict(
        self,
        pictures: list[OnePicture],
        *,
        threshold: float | None = None,
        rotate: Rotation = "0",
        normalise: bool = True,
    ) -> list[Prediction]: ...

    def predict(
        self,
        pictures: Picture | list[OnePicture],
        *,
        threshold: float | None = None,
        rotate: Rotation = "0",
        normalise: bool = True,
    ) -> Prediction | list[Prediction]:
        """Predict a picture, or all pictures of a list; the options are those of the service.

        Raises: AppError for a picture that cannot be read; OSError for a missing file.
        """
        several = isinstance(pictures, list)
        given = pictures if isinstance(pictures, list) else [pictures]
        _check_options(threshold, rotate)
        results = predict_blocking(
            self._pipeline,
            [to_upload(one) for one in given],
            self._loaded,
            preparation=Preparation(normalise, rotate),
            threshold=threshold,
        )
        predictions = [to_prediction(result, self._loaded) for result in results]
        return predictions if several else predictions[0]


def load(model: str | PathLike[str] = DEFAULT_MODEL) -> Model:
    """Load a shipped model by its name, or any weights file (``.safetensors``) by its path.

    Raises: AppError for an unknown name; RegistryError for an invalid file.
    """
    directory: Path = Settings.model_construct().weights_dir
    registry = load_single(directory, str(model))
    return Model(registry.default)


@overload
def predict(pictures: Picture, *, model: str = DEFAULT_MODEL) -> Prediction: ...


@overload
def predict(pictures: list[OnePicture], *, model: str = DEFAULT_MODEL) -> list[Prediction]: ...


def predict(
    pictures: Picture | list[OnePicture], *, model: str = DEFAULT_MODEL
) -> Prediction | list[Prediction]:
    """Predict a picture, or all pictures of a list, with a model that is loaded one time.

    Raises: as ``load`` and ``Model.predict``.
    """
    return _load_cached(model).predict(pictures)


@cache
def _load_cached(model: str) -> Model:
    return load(model)


def _check_options(threshold: float | None, rotate: str) -> None:
    if threshold is not None and not 0 <= threshold <= 1:
        raise MalformedRequestError(f"threshold: expected a number from 0 to 1, got {threshold}")
    if rotate not in ROTATIONS:
        raise MalformedRequestError(f"rotate: expected {' or '.join(ROTATIONS)}, got {rotate!r}")
