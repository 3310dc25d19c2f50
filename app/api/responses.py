"""JSON documents of predictions."""

import base64
import io
from typing import Any

import numpy as np
from PIL import Image
from pydantic_core import to_json

from app.api.messages import HttpResponse
from app.inference.registry import LoadedModel
from app.inference.types import PredictionResult
from app.telemetry.request_record import RequestRecord
from model_core.parameter import Array
from model_core.preprocessing import describe

_JSON = ((b"content-type", b"application/json"),)


def json_response(content: Any) -> HttpResponse:
    """Return a JSON response with status 200."""
    return HttpResponse(200, _JSON, to_json(content))


def origin(model: LoadedModel, record: RequestRecord) -> dict[str, Any]:
    """Return the members of a response that say where it is from: model and request id."""
    return {"model": model.reference, "request_id": record.request_id}


def prediction_document(result: PredictionResult, model: LoadedModel) -> dict[str, Any]:
    """Return the document of one image's prediction (schema: ImagePrediction)."""
    prediction = result.prediction
    return {
        "digit": prediction.digit,
        "confidence": prediction.confidence,
        "probabilities": dict(zip(model.label_names, prediction.probabilities, strict=True)),
        "decision": prediction.decision,
        "reason": prediction.reason,
    }


def input_document(result: PredictionResult) -> dict[str, Any]:
    """Return the model's input as numbers and as a PNG, with the preprocessing steps."""
    return {
        "pixels": result.model_input.tolist(),
        "png": _png(result.model_input),
        "steps": [describe(step) for step in result.normalised.steps],
    }


def _png(image: Array) -> str:
    """Encode an image (H, W) float32 in 0..1 as a data: URL."""
    file = io.BytesIO()
    Image.fromarray(np.rint(image * 255).astype(np.uint8)).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
