"""Typed prediction of the library, with the fields of the service's JSON."""

from app.api.responses import prediction_document
from app.api.schemas import ImagePrediction, ModelReference
from app.inference.registry import LoadedModel
from app.inference.types import PredictionResult


class Prediction(ImagePrediction):
    """Prediction for one picture, and the model version that made it.

    ``model_dump_json(exclude_none=True)`` is JSON as the service sends it, without a request id.
    """

    model: ModelReference


def to_prediction(result: PredictionResult, model: LoadedModel) -> Prediction:
    """Return the typed prediction of a result."""
    document = prediction_document(result, model)
    return Prediction.model_validate(document | {"model": model.reference})
