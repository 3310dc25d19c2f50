"""From answers to the JSON that carries them."""

import base64
import io
from typing import Any

import numpy as np
from PIL import Image
from pydantic_core import to_json
from starlette.responses import Response

from app.inference.registry import Model
from app.inference.types import Seen
from model_core.classifier import Prediction
from model_core.parameter import Array
from model_core.preprocessing import describe


def json_response(content: Any, headers: dict[str, str] | None = None) -> Response:
    """Return a JSON response."""
    return Response(to_json(content), headers=headers, media_type="application/json")


def prediction_answer(prediction: Prediction, model: Model) -> dict[str, Any]:
    """Return the part of an answer that belongs to one image."""
    labels = map(str, model.classifier.labels)
    return {
        "digit": prediction.digit,
        "confidence": prediction.confidence,
        "probabilities": dict(zip(labels, prediction.probabilities, strict=True)),
        "decision": prediction.decision,
        "reason": prediction.reason,
    }


def model_reference(model: Model) -> dict[str, str]:
    """Return which model gave an answer."""
    pretrained = model.pretrained
    return {"name": model.name, "version": pretrained.card.version, "sha256": pretrained.sha256}


def input_answer(seen: Seen) -> dict[str, Any]:
    """Return what the model saw: numbers, picture and steps."""
    return {
        "pixels": seen.image.tolist(),
        "png": _png(seen.image),
        "steps": [describe(step) for step in seen.picture.normalised.steps],
    }


def _png(image: Array) -> str:
    """Return a picture (H, W) in 0..1 as a data: URL."""
    file = io.BytesIO()
    Image.fromarray(np.rint(image * 255).astype(np.uint8)).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
